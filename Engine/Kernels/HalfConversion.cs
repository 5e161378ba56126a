using System.Runtime.Intrinsics;

namespace ManagedSwarm.Engine.Kernels;

/// <summary>Half precision to single and back.</summary>
internal static unsafe class HalfConversion
{
    private const int Step = 16;

    /// <summary>Exact for all values, subnormals, infinities and NaN included.</summary>
    public static void ToSingle(Half* source, float* destination, int count)
    {
        // Moving exponent and mantissa into a float's place gives the value times 2^-112.
        var scale = Vector512.Create(5.192296858534828e33f);
        var i = 0;
        for (; i <= count - Step; i += Step)
        {
            var bits = Vector512.WidenLower(Vector256.Load((ushort*)source + i).ToVector512Unsafe());
            var magnitude = Vector512.ShiftLeft(bits & Vector512.Create(0x7FFFu), 13);
            var sign = Vector512.ShiftLeft(bits & Vector512.Create(0x8000u), 16);
            var finite = (magnitude.AsSingle() * scale).AsUInt32();
            var special = magnitude | Vector512.Create(0x7F800000u);
            var isSpecial = Vector512.GreaterThanOrEqual(magnitude, Vector512.Create(0x0F800000u));
            (Vector512.ConditionalSelect(isSpecial, special, finite) | sign).AsSingle().Store(destination + i);
        }

        for (; i < count; i++)
        {
            destination[i] = (float)source[i];
        }
    }

    /// <summary>Rounds to nearest, ties to even.</summary>
    public static void ToHalf(float* source, Half* destination, int count)
    {
        for (var i = 0; i < count; i++)
        {
            destination[i] = (Half)source[i];
        }
    }
}
