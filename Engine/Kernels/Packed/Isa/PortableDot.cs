using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ManagedSwarm.Engine.Kernels.Packed.Isa;

/// <summary>Any CPU, by operations that all have: partial sums of 16 bits.</summary>
internal readonly struct PortableDot : IDot<Vector128<byte>>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> MultiplyAddInt16(Vector128<byte> sum, Vector128<byte> a, Vector128<byte> b)
    {
        var (low, lowFactor) = (Vector128.ShiftLeft(a.AsInt32(), 16), Vector128.ShiftLeft(b.AsInt32(), 16));
        var even = Vector128.ShiftRightArithmetic(low, 16) * Vector128.ShiftRightArithmetic(lowFactor, 16);
        return (sum.AsInt32() + even + (Vector128.ShiftRightArithmetic(a.AsInt32(), 16) * Vector128.ShiftRightArithmetic(b.AsInt32(), 16))).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Dot(Vector128<byte> partial, Vector128<byte> codes, Vector128<byte> activations)
    {
        var low = Vector128.ShiftRightArithmetic(Vector128.ShiftLeft(activations.AsInt16(), 8), 8);
        var even = (codes.AsInt16() & Vector128.Create((short)0xFF)) * low;
        return (partial.AsInt16() + even + (Vector128.ShiftRightLogical(codes.AsInt16(), 8) * Vector128.ShiftRightArithmetic(activations.AsInt16(), 8)))
            .AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Fold(Vector128<byte> total, Vector128<byte> partial, Vector128<byte> scales) =>
        MultiplyAddInt16(total, partial, scales);
}
