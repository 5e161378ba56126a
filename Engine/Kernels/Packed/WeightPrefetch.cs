using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace ManagedSwarm.Engine.Kernels.Packed;

/// <summary>
/// Asks memory for weights before they are needed, where the CPU does too little of that by itself. Measured on one reply of 1.1 billion
/// parameters in Q4_0: Intel's Emerald Rapids generates 1.5 times as many tokens with it; AMD's Zen 4, which reads ahead well, was slowed down.
/// </summary>
internal static unsafe class WeightPrefetch
{
    private const int CacheLine = 64;

    /// <summary>How far ahead, in bytes: 4 to 8 KiB were equally good, 2 KiB were worse.</summary>
    private const int Distance = 8 << 10;

    private static readonly bool IsUseful = IsIntel();

    /// <summary>Asks for what lies as far behind these bytes as it pays. It may lie behind the matrix: asking is no access.</summary>
    /// <param name="weights">What is read now.</param>
    /// <param name="length">In bytes.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Ahead(byte* weights, int length)
    {
        if (Sse.IsSupported && IsUseful)
        {
            for (var line = 0; line < length; line += CacheLine)
            {
                Sse.Prefetch0(weights + Distance + line);
            }
        }
    }

    private static bool IsIntel()
    {
        if (!X86Base.IsSupported)
        {
            return false;
        }

        // "GenuineIntel", four letters a register.
        var (_, ebx, ecx, edx) = X86Base.CpuId(0, 0);
        return (ebx, edx, ecx) == (0x756E6547, 0x49656E69, 0x6C65746E);
    }
}
