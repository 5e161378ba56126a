using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ManagedSwarm.Engine.Kernels;

/// <summary>Half precision to single and back.</summary>
public static unsafe class HalfConversion
{
    private const int Step = 16;

    /// <summary>Exact for all values, subnormals, infinities and NaN included.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ToSingle(Half* source, float* destination, int count)
    {
        var i = 0;
        for (; i <= count - Step; i += Step)
        {
            Load(source + i, destination + i);
        }

        for (; i < count; i++)
        {
            destination[i] = (float)source[i];
        }
    }

    /// <summary>Converts 16 values, exactly. Nothing is computed on f32 subnormals: they are slow on some CPUs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(Half* source, float* destination)
    {
        var halves = Vector256.Load((short*)source);
        LoadNormal(halves, destination);
        if (Vector256.EqualsAny((halves + Vector256.Create((short)0x0400)) & Vector256.Create((short)0x7800), Vector256<short>.Zero))
        {
            LoadAny(halves, destination);
        }
    }

    /// <summary>Converts 32 values, as <see cref="Load"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadTwice(Half* source, float* destination)
    {
        var halves = Vector512.Load((short*)source);
        LoadNormal(halves.GetLower(), destination);
        LoadNormal(halves.GetUpper(), destination + Step);

        // One more makes all but the lowest bit of the exponent 0 where it is 0 (zero, subnormal) or 31 (infinity, NaN): both rare.
        if (Vector512.EqualsAny((halves + Vector512.Create((short)0x0400)) & Vector512.Create((short)0x7800), Vector512<short>.Zero))
        {
            LoadAny(halves.GetLower(), destination);
            LoadAny(halves.GetUpper(), destination + Step);
        }
    }

    /// <summary>Rounds to nearest, ties to even; values beyond the largest half become infinite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ToHalf(float* source, Half* destination, int count)
    {
        var i = 0;
        for (; i <= count - Step; i += Step)
        {
            var halves = ToHalf(Vector512.Load((uint*)source + i));
            Vector256.Narrow(halves.GetLower(), halves.GetUpper()).Store((ushort*)destination + i);
        }

        for (; i < count; i++)
        {
            destination[i] = (Half)source[i];
        }
    }

    /// <summary>Exponent and mantissa in a float's place; the widened sign fills the bits above them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Widen(Vector256<short> halves) => Vector512.ShiftLeft(Vector512.WidenLower(halves.ToVector512Unsafe()), 13);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LoadNormal(Vector256<short> halves, float* destination) =>
        ((Widen(halves) & Vector512.Create(unchecked((int)0x8FFFE000))) + Vector512.Create(112 << 23)).AsSingle().Store(destination);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void LoadAny(Vector256<short> halves, float* destination)
    {
        var bits = Widen(halves);
        var magnitude = bits & Vector512.Create(0x0FFFE000);

        // Below the normal ones: 2^-14 (1 + m) - 2^-14
        var small = ((magnitude + Vector512.Create(113 << 23)).AsSingle() - Vector512.Create(6.103515625e-5f)).AsInt32();
        var result = magnitude + Vector512.Create(112 << 23);
        result = Vector512.ConditionalSelect(Vector512.LessThan(magnitude, Vector512.Create(1 << 23)), small, result);
        var isSpecial = Vector512.GreaterThanOrEqual(magnitude, Vector512.Create(31 << 23));
        result = Vector512.ConditionalSelect(isSpecial, magnitude | Vector512.Create(0x7F800000), result);
        (result | (bits & Vector512.Create(int.MinValue))).AsSingle().Store(destination);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> ToHalf(Vector512<uint> bits)
    {
        var sign = Vector512.ShiftRightLogical(bits, 16) & Vector512.Create(0x8000u);
        var magnitude = bits & Vector512.Create(0x7FFFFFFFu);

        // Rebias, and add just less than half of the last place, or half of it where that place is odd. A carry goes to the exponent.
        var odd = Vector512.ShiftRightLogical(magnitude, 13) & Vector512<uint>.One;
        var result = Vector512.ShiftRightLogical(magnitude - Vector512.Create((112u << 23) - 0xFFF) + odd, 13);

        // Below 2^-14: 0.5 has its last place where subnormal halves have theirs, so that the addition rounds.
        var half = Vector512.Create(0.5f);
        var small = (magnitude.AsSingle() + half).AsUInt32() - half.AsUInt32();
        result = Vector512.ConditionalSelect(Vector512.LessThan(magnitude, Vector512.Create(113u << 23)), small, result);
        result = Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(magnitude, Vector512.Create(143u << 23)), Vector512.Create(0x7C00u), result);
        var quiet = Vector512.ShiftRightLogical(magnitude & Vector512.Create(0x7FFFFFu), 13) | Vector512.Create(0x7E00u);
        return Vector512.ConditionalSelect(Vector512.GreaterThan(magnitude, Vector512.Create(0x7F800000u)), quiet, result) | sign;
    }
}
