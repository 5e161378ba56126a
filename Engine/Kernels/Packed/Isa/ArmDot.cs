using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace ManagedSwarm.Engine.Kernels.Packed.Isa;

/// <summary>
/// ARM64 with dot products: one instruction multiplies four bytes and adds to partial sums of 32 bits. Codes are less than 128, so they are
/// signed bytes as well.
/// </summary>
internal readonly struct ArmDot : IDot<Vector128<byte>>
{
    public static bool IsSupported => AdvSimdDot.IsSupported && Dp.Arm64.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> MultiplyAddInt16(Vector128<byte> sum, Vector128<byte> a, Vector128<byte> b) =>
        AdvSimdDot.MultiplyAddInt16(sum, a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Dot(Vector128<byte> partial, Vector128<byte> codes, Vector128<byte> activations) =>
        Dp.DotProduct(partial.AsInt32(), codes.AsSByte(), activations.AsSByte()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Fold(Vector128<byte> total, Vector128<byte> partial, Vector128<byte> scales) =>
        Wide.Fold(total, partial, scales);
}
