using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace ManagedSwarm.Engine.Kernels.Packed;

/// <summary>
/// Asks memory for weights before they are needed, where the CPU does too little of that by itself. Measured: Intel's Emerald Rapids and
/// AMD's Zen 5 read them 1.5 times as fast with it; AMD's Zen 4, which reads ahead well, was slowed down.
/// </summary>
internal static unsafe class WeightPrefetch
{
    private const int CacheLine = 64;

    /// <summary>How far ahead, in bytes: 4 to 16 KiB were equally good, 2 KiB were worse on Intel, 1 and 32 KiB on AMD.</summary>
    private const int Distance = 8 << 10;

    /// <summary>Of AMD's families: Zen 5. Those before read ahead by themselves.</summary>
    private const int FirstFamilyOfAmd = 0x1A;

    private static readonly bool IsUseful = X86Base.IsSupported && IsUsefulTo(Vendor(), Family(X86Base.CpuId(1, 0).Eax));

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

    /// <param name="vendor">As the CPU says it.</param>
    /// <param name="family">Its number.</param>
    internal static bool IsUsefulTo(string vendor, int family) =>
        vendor == "GenuineIntel" || (vendor == "AuthenticAMD" && family >= FirstFamilyOfAmd);

    /// <summary>The family's number out of a CPU's signature: Intel, "Architectures Software Developer's Manual", volume 2, CPUID, leaf 1.</summary>
    internal static int Family(int signature)
    {
        var family = (signature >> 8) & 0xF;
        return family == 0xF ? family + ((signature >> 20) & 0xFF) : family;
    }

    private static string Vendor()
    {
        var (_, ebx, ecx, edx) = X86Base.CpuId(0, 0);
        ReadOnlySpan<int> letters = [ebx, edx, ecx];
        return Encoding.ASCII.GetString(MemoryMarshal.AsBytes(letters));
    }
}
