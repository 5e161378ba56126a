using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ManagedSwarm.Engine.Kernels.Packed.Isa;

/// <summary>AVX2 alone: partial sums of 16 bits.</summary>
internal readonly struct Avx2Dot : IDot<Vector256<byte>>
{
    public static bool IsSupported => Avx2.IsSupported && Fma.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> MultiplyAddInt16(Vector256<byte> sum, Vector256<byte> a, Vector256<byte> b) =>
        (sum.AsInt32() + Avx2.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16())).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Dot(Vector256<byte> partial, Vector256<byte> codes, Vector256<byte> activations) =>
        (partial.AsInt16() + Avx2.MultiplyAddAdjacent(codes, activations.AsSByte())).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Fold(Vector256<byte> total, Vector256<byte> partial, Vector256<byte> scales) =>
        MultiplyAddInt16(total, partial, scales);
}
