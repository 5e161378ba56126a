using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace ManagedSwarm.Engine.Kernels.Packed.Isa;

/// <summary>ARM64 without dot products: partial sums of 16 bits. Codes are less than 128, so they are signed bytes as well.</summary>
internal readonly struct AdvSimdDot : IDot<Vector128<byte>>
{
    public static bool IsSupported => AdvSimd.Arm64.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> MultiplyAddInt16(Vector128<byte> sum, Vector128<byte> a, Vector128<byte> b)
    {
        var lower = AdvSimd.MultiplyWideningLower(a.AsInt16().GetLower(), b.AsInt16().GetLower());
        var upper = AdvSimd.MultiplyWideningUpper(a.AsInt16(), b.AsInt16());
        return (sum.AsInt32() + AdvSimd.Arm64.AddPairwise(lower, upper)).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Dot(Vector128<byte> partial, Vector128<byte> codes, Vector128<byte> activations)
    {
        var lower = AdvSimd.MultiplyWideningLower(codes.AsSByte().GetLower(), activations.AsSByte().GetLower());
        var upper = AdvSimd.MultiplyWideningUpper(codes.AsSByte(), activations.AsSByte());
        return (partial.AsInt16() + AdvSimd.Arm64.AddPairwise(lower, upper)).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Fold(Vector128<byte> total, Vector128<byte> partial, Vector128<byte> scales) =>
        MultiplyAddInt16(total, partial, scales);
}
