using System.Runtime.Intrinsics;

namespace ManagedSwarm.Transport.Libp2p.PrivateNetwork;

/// <summary>The same kernel with vectors of several widths. All of them work everywhere: those that the processor does not have are slow.</summary>
internal static class Salsa20Kernels
{
    /// <summary>Bytes that each of them takes at once, or a part of it.</summary>
    public const int BatchLength = 12 * Salsa20Core.BlockLength;

    /// <summary>Three blocks at once.</summary>
    public static Salsa20Kernel Vectors128 { get; } = Salsa20Blocks<SalsaLanes128>.Xor;

    /// <summary>Six blocks at once.</summary>
    public static Salsa20Kernel Vectors256 { get; } = Salsa20Blocks<SalsaLanes256>.Xor;

    /// <summary>Twelve blocks at once.</summary>
    public static Salsa20Kernel Vectors512 { get; } = Salsa20Blocks<SalsaLanes512>.Xor;

    /// <summary>The fastest one that the processor has the vectors of.</summary>
    public static Salsa20Kernel Best { get; } =
        Vector512.IsHardwareAccelerated ? Vectors512 : Vector256.IsHardwareAccelerated ? Vectors256 : Vectors128;
}
