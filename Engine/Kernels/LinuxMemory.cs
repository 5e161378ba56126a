using System.Runtime.InteropServices;

namespace ManagedSwarm.Engine.Kernels;

/// <summary>Anonymous memory straight from Linux, in huge pages as far as it goes.</summary>
internal static unsafe partial class LinuxMemory
{
    private const long PageBytes = 4096;
    private const long HugePageBytes = 2 << 20;
    private const int ReadWrite = 1 | 2; // PROT_READ | PROT_WRITE
    private const int PrivateAnonymous = 0x02 | 0x20; // MAP_PRIVATE | MAP_ANONYMOUS
    private const int HugePages = 14; // MADV_HUGEPAGE
    private const int NotNeeded = 4; // MADV_DONTNEED

    /// <summary>Maps <paramref name="length"/> zero bytes, at a multiple of a huge page where they fill one.</summary>
    /// <param name="length">In bytes.</param>
    /// <param name="memory">Null: the system has not got them.</param>
    /// <returns>False: the C library cannot be called.</returns>
    public static bool TryMap(long length, out void* memory)
    {
        memory = null;
        try
        {
            memory = Map(length);
            return true;
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Gives back what was mapped.</summary>
    public static void Unmap(void* memory, long length) => _ = UnmapPages(memory, (nuint)RoundUp(length, PageBytes));

    /// <summary>Lets go of whole pages that stay mapped: they are zero when they are next touched.</summary>
    public static void Discard(void* memory, long length) => _ = Advise(memory, (nuint)length, NotNeeded);

    private static void* Map(long length)
    {
        var alignment = length >= HugePageBytes ? HugePageBytes : PageBytes;
        if (length > nint.MaxValue - (2 * HugePageBytes))
        {
            return null;
        }

        var needed = RoundUp(length, PageBytes);
        var mapped = needed + alignment - PageBytes;
        var start = MapPages(null, (nuint)mapped, ReadWrite, PrivateAnonymous, -1, 0);
        if ((nint)start == -1)
        {
            return null;
        }

        // What is too much at both ends, mapped only to find the alignment, goes back.
        var aligned = RoundUp((long)start, alignment);
        Trim((long)start, aligned);
        Trim(aligned + needed, (long)start + mapped);

        // Only whole huge pages: the last one would take up to 2 MiB for a few bytes. Where there are none, it is slower, not wrong.
        if (length >= HugePageBytes)
        {
            _ = Advise((void*)aligned, (nuint)(length / HugePageBytes * HugePageBytes), HugePages);
        }

        return (void*)aligned;
    }

    private static void Trim(long start, long end)
    {
        if (end > start)
        {
            _ = UnmapPages((void*)start, (nuint)(end - start));
        }
    }

    private static long RoundUp(long value, long multiple) => (value + multiple - 1) / multiple * multiple;

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial void* MapPages(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int UnmapPages(void* address, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint length, int advice);
}
