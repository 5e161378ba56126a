using System.Runtime.InteropServices;

namespace ManagedSwarm.Engine.Devices.Torch;

/// <summary>What libtorch reads from the C library's state before its first use (Linux with glibc).</summary>
internal static partial class LibC
{
    private const int TrimThreshold = -1; // M_TRIM_THRESHOLD
    private const int MmapThreshold = -3; // M_MMAP_THRESHOLD

    /// <summary>
    /// Lets the workers of OpenMP sleep between operations (by default they spin for 9 ms, on cores that the sockets need),
    /// and lets large activations come from the heap (by default each is mapped and unmapped, at 3 GB/s of page faults).
    /// </summary>
    /// <remarks>.NET's <see cref="Environment.SetEnvironmentVariable(string, string?)"/> does not reach the C library.</remarks>
    public static void Tune()
    {
        try
        {
            _ = SetEnvironment("OMP_WAIT_POLICY", "PASSIVE", overwrite: 0);
            _ = SetMallocOption(MmapThreshold, 1 << 30);
            _ = SetMallocOption(TrimThreshold, int.MaxValue);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library: slower, not wrong.
        }
    }

    /// <summary>Gives the heap's free memory back to the system.</summary>
    public static void Trim()
    {
        try
        {
            _ = TrimHeap(0);
        }
        catch (EntryPointNotFoundException)
        {
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetMallocOption(int option, int value);

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int TrimHeap(nuint keep);
}
