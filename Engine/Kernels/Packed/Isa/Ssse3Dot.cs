using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ManagedSwarm.Engine.Kernels.Packed.Isa;

/// <summary>x64 without AVX2: partial sums of 16 bits.</summary>
internal readonly struct Ssse3Dot : IDot<Vector128<byte>>
{
    public static bool IsSupported => Ssse3.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> MultiplyAddInt16(Vector128<byte> sum, Vector128<byte> a, Vector128<byte> b) =>
        (sum.AsInt32() + Sse2.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16())).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Dot(Vector128<byte> partial, Vector128<byte> codes, Vector128<byte> activations) =>
        (partial.AsInt16() + Ssse3.MultiplyAddAdjacent(codes, activations.AsSByte())).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Fold(Vector128<byte> total, Vector128<byte> partial, Vector128<byte> scales) =>
        MultiplyAddInt16(total, partial, scales);
}
