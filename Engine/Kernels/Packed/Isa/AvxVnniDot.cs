using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ManagedSwarm.Engine.Kernels.Packed.Isa;

/// <summary>AVX-VNNI: one instruction multiplies four bytes and adds to partial sums of 32 bits.</summary>
internal readonly struct AvxVnniDot : IDot<Vector256<byte>>
{
    public static bool IsSupported => Avx2Dot.IsSupported && AvxVnni.IsSupported;

    public static bool TakesBytes => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> MultiplyAddInt16(Vector256<byte> sum, Vector256<byte> a, Vector256<byte> b) =>
        AvxVnni.MultiplyWideningAndAdd(sum.AsInt32(), a.AsInt16(), b.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Dot(Vector256<byte> partial, Vector256<byte> codes, Vector256<byte> activations) =>
        AvxVnni.MultiplyWideningAndAdd(partial.AsInt32(), codes, activations.AsSByte()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Fold(Vector256<byte> total, Vector256<byte> partial, Vector256<byte> scales) =>
        Wide.Fold(total, partial, scales);
}
