using System.Numerics;

namespace ManagedSwarm.Engine.Templates.Values;

/// <summary>Python's integers: <c>bool</c> is one of them.</summary>
internal static class Integers
{
    /// <summary>The number, if the value is an integer.</summary>
    public static BigInteger? Of(Value value) => value switch
    {
        IntValue integer => integer.Number,
        BoolValue boolean => boolean.IsTrue ? BigInteger.One : BigInteger.Zero,
        _ => null,
    };

    /// <summary>For lengths, counts and indices: a number too large for them is as good as the largest.</summary>
    public static int Saturate(BigInteger number) => number > int.MaxValue ? int.MaxValue : number < -int.MaxValue ? -int.MaxValue : (int)number;

    /// <summary>The element that an index means, negative ones from the end; null if there is none.</summary>
    public static int? Index(BigInteger index, int length)
    {
        index = index.Sign < 0 ? index + length : index;
        return index.Sign >= 0 && index < length ? (int)index : null;
    }
}
