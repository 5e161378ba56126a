using System.Numerics;

namespace ManagedSwarm.Engine.Templates.Values;

/// <summary>The elements that <c>[start:stop:step]</c> takes: <see cref="Count"/> of them, from <see cref="Start"/> on.</summary>
internal readonly record struct SliceBounds(int Start, int Step, int Count)
{
    /// <param name="start">None, or an integer; likewise the others.</param>
    public static SliceBounds Resolve(Value start, Value stop, Value step, int length)
    {
        var by = Bound(step) is BigInteger number ? Integers.Saturate(number) : 1;
        if (by == 0)
        {
            throw TemplateFault.Value("slice step cannot be zero");
        }

        var (lowest, highest) = by > 0 ? (0, length) : (-1, length - 1);
        var from = Clamp(Bound(start), length, lowest, highest) ?? (by > 0 ? lowest : highest);
        var to = Clamp(Bound(stop), length, lowest, highest) ?? (by > 0 ? highest : lowest);
        var distance = by > 0 ? (long)to - from : (long)from - to;
        var stride = Math.Abs((long)by);
        return new SliceBounds(from, by, (int)Math.Max(0, (distance + stride - 1) / stride));
    }

    private static BigInteger? Bound(Value value) => value is NoneValue
        ? null
        : Integers.Of(value) ?? throw TemplateFault.Type($"slice indices must be integers or None, not {value.TypeName}");

    private static int? Clamp(BigInteger? bound, int length, int lowest, int highest)
    {
        if (bound is not BigInteger number)
        {
            return null;
        }

        var index = number.Sign < 0 ? number + length : number;
        return index < lowest ? lowest : index > highest ? highest : (int)index;
    }
}
