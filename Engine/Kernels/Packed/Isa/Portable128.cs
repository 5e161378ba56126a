using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace ManagedSwarm.Engine.Kernels.Packed.Isa;

/// <summary>Integer operations that are one instruction on some CPUs, and a few on all others. Exact, so the same everywhere.</summary>
internal static class Portable128
{
    /// <summary>sum + a[0] * b[0] + a[1] * b[1] per 32-bit lane, of signed 16-bit elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> MultiplyAddInt16(Vector128<byte> sum, Vector128<byte> a, Vector128<byte> b)
    {
        if (Sse2.IsSupported)
        {
            return (sum.AsInt32() + Sse2.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16())).AsByte();
        }

        if (AdvSimd.Arm64.IsSupported)
        {
            var lower = AdvSimd.MultiplyWideningLower(a.AsInt16().GetLower(), b.AsInt16().GetLower());
            var upper = AdvSimd.MultiplyWideningUpper(a.AsInt16(), b.AsInt16());
            return (sum.AsInt32() + AdvSimd.Arm64.AddPairwise(lower, upper)).AsByte();
        }

        return (sum.AsInt32() + MultiplyAddInt16(a.AsInt32(), b.AsInt32())).AsByte();
    }

    /// <summary>a[0] * b[0] + a[1] * b[1] per 32-bit lane, by operations that every CPU has.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<int> MultiplyAddInt16(Vector128<int> a, Vector128<int> b)
    {
        var even = Vector128.ShiftRightArithmetic(Vector128.ShiftLeft(a, 16), 16) * Vector128.ShiftRightArithmetic(Vector128.ShiftLeft(b, 16), 16);
        return even + (Vector128.ShiftRightArithmetic(a, 16) * Vector128.ShiftRightArithmetic(b, 16));
    }

    /// <summary>codes[0] * activations[0] + codes[1] * activations[1] per 16-bit element: unsigned times signed bytes whose sum fits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<short> MultiplyAddBytes(Vector128<byte> codes, Vector128<byte> activations) =>
        Ssse3.IsSupported
            ? Ssse3.MultiplyAddAdjacent(codes, activations.AsSByte())
            : MultiplyAddBytes(codes.AsInt16(), activations.AsInt16());

    /// <summary>The same by operations that every CPU has.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<short> MultiplyAddBytes(Vector128<short> codes, Vector128<short> activations)
    {
        var even = (codes & Vector128.Create((short)0xFF)) * Vector128.ShiftRightArithmetic(Vector128.ShiftLeft(activations, 8), 8);
        return even + (Vector128.ShiftRightLogical(codes, 8) * Vector128.ShiftRightArithmetic(activations, 8));
    }

    /// <summary>Bytes by index; an index of 128 or more gives 0, others are less than 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Shuffle(Vector128<byte> value, Vector128<byte> indices)
    {
        if (Ssse3.IsSupported)
        {
            return Ssse3.Shuffle(value, indices);
        }

        return AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.VectorTableLookup(value, indices) : Vector128.Shuffle(value, indices);
    }
}
