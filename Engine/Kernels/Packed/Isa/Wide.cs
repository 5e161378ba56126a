using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ManagedSwarm.Engine.Kernels.Packed.Isa;

/// <summary>Sums of 32 bits times scales.</summary>
internal static class Wide
{
    /// <summary>total + value × scale; the JIT drops a scale that is known to be 1.</summary>
    /// <param name="total">32-bit sums.</param>
    /// <param name="value">32-bit values.</param>
    /// <param name="scales">A lane's scale, as two equal 16-bit elements.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Fold(Vector256<byte> total, Vector256<byte> value, Vector256<byte> scales) =>
        (total.AsInt32() + (value.AsInt32() * Vector256.ShiftRightArithmetic(scales.AsInt32(), 16))).AsByte();

    /// <inheritdoc cref="Fold(Vector256{byte}, Vector256{byte}, Vector256{byte})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Fold(Vector128<byte> total, Vector128<byte> value, Vector128<byte> scales) =>
        (total.AsInt32() + (value.AsInt32() * Vector128.ShiftRightArithmetic(scales.AsInt32(), 16))).AsByte();
}
