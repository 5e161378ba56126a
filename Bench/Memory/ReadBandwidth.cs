using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ManagedSwarm.Bench.Memory;

/// <summary>
/// How fast a plain loop reads memory: each thread sums up a part of a buffer that no cache holds. No kernel that must read its
/// weights from memory can be faster.
/// </summary>
internal sealed unsafe partial class ReadBandwidth : IDisposable
{
    private const long PartAlignment = 4096;
    private const int Passes = 3;
    private const int Repetitions = 5;

    private readonly byte* _buffer;
    private readonly long _bytes;
    private readonly int _threads;

    /// <param name="threads">How many read at once.</param>
    /// <param name="bytes">Size of the buffer.</param>
    public ReadBandwidth(int threads, long bytes = 1L << 30)
    {
        (_threads, _bytes) = (threads, bytes);
        _buffer = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, 1 << 21);
        AdviseHugePages(_buffer, bytes);

        // A page that was never written is the same zero page everywhere, and would be read from the cache.
        NativeMemory.Fill(_buffer, (nuint)bytes, 1);
    }

    /// <summary>GB/s (1e9 bytes) of the median of some repetitions.</summary>
    public double Measure() => new Reports.Rounds([.. Enumerable.Range(0, Repetitions).Select(_ => ReadOnce())]).Median;

    public void Dispose() => NativeMemory.AlignedFree(_buffer);

    private double ReadOnce()
    {
        var part = _bytes / _threads / PartAlignment * PartAlignment;
        using var barrier = new Barrier(_threads + 1);
        var threads = Enumerable.Range(0, _threads).Select(i => new Thread(() => ReadPart(barrier, _buffer + (i * part), part))).ToList();
        threads.ForEach(thread => thread.Start());
        barrier.SignalAndWait();
        var watch = Stopwatch.StartNew();
        threads.ForEach(thread => thread.Join());
        return part * _threads * Passes / watch.Elapsed.TotalSeconds / 1e9;
    }

    private static void ReadPart(Barrier barrier, byte* part, long bytes)
    {
        barrier.SignalAndWait();
        var sum = 0L;
        for (var pass = 0; pass < Passes; pass++)
        {
            sum += Sum(part, bytes);
        }

        // The JIT must not find that nobody wants the sum.
        Volatile.Write(ref sum, sum);
    }

    private static long Sum(byte* part, long bytes)
    {
        // Four sums, so that additions do not wait for each other.
        var (a, b, c, d) = (Vector512<long>.Zero, Vector512<long>.Zero, Vector512<long>.Zero, Vector512<long>.Zero);
        var end = (long*)(part + bytes);
        for (var p = (long*)part; p < end; p += 32)
        {
            a += Vector512.Load(p);
            b += Vector512.Load(p + 8);
            c += Vector512.Load(p + 16);
            d += Vector512.Load(p + 24);
        }

        return Vector512.Sum(a + b + c + d);
    }

    /// <summary>As the engine asks for its weights: a miss of the address translation costs less then.</summary>
    private static void AdviseHugePages(byte* buffer, long bytes)
    {
        const int HugePage = 14; // MADV_HUGEPAGE
        if (OperatingSystem.IsLinux())
        {
            _ = Advise(buffer, (nuint)bytes, HugePage);
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint length, int advice);
}
