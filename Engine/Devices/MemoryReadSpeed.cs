using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ManagedSwarm.Engine.Devices;

/// <summary>How fast this machine's processors read its memory: a plain loop over a buffer that caches do not hold. Takes tens of milliseconds.</summary>
public static unsafe class MemoryReadSpeed
{
    /// <summary>More than the caches of most processors; on those that have more it finds too much, and a plan expects too much.</summary>
    public const long BufferBytes = 128L << 20;

    /// <summary>More threads than that read no faster.</summary>
    private const int MaxThreads = 16;

    private const int Passes = 2;
    private const int PartAlignment = 4096;

    /// <summary>Measures, on threads of its own.</summary>
    /// <param name="threads">How many read at once.</param>
    /// <returns>Bytes per second, of the faster one of two passes.</returns>
    public static long Measure(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        threads = Math.Min(threads, MaxThreads);
        var part = BufferBytes / threads / PartAlignment * PartAlignment;
        var buffer = (byte*)NativeMemory.AlignedAlloc((nuint)BufferBytes, PartAlignment);
        try
        {
            var fastest = TimeSpan.MaxValue;
            Run(threads, i => NativeMemory.Fill(buffer + (i * part), (nuint)part, 1));
            for (var pass = 0; pass < Passes; pass++)
            {
                var elapsed = Run(threads, i => Read(buffer + (i * part), part));
                fastest = elapsed < fastest ? elapsed : fastest;
            }

            return (long)(part * threads / fastest.TotalSeconds);
        }
        finally
        {
            NativeMemory.AlignedFree(buffer);
        }
    }

    /// <returns>From when all threads are there until all are done.</returns>
    private static TimeSpan Run(int threads, Action<int> work)
    {
        using var barrier = new Barrier(threads + 1);
        var running = Enumerable.Range(0, threads).Select(i => new Thread(() =>
        {
            barrier.SignalAndWait();
            work(i);
        })).ToList();
        running.ForEach(thread => thread.Start());
        barrier.SignalAndWait();
        var start = Stopwatch.GetTimestamp();
        running.ForEach(thread => thread.Join());
        return Stopwatch.GetElapsedTime(start);
    }

    private static void Read(byte* part, long bytes)
    {
        // Four sums, so that additions do not wait for each other.
        var (a, b, c, d) = (Vector256<long>.Zero, Vector256<long>.Zero, Vector256<long>.Zero, Vector256<long>.Zero);
        var end = (long*)(part + bytes);
        for (var p = (long*)part; p < end; p += 16)
        {
            a += Vector256.Load(p);
            b += Vector256.Load(p + 4);
            c += Vector256.Load(p + 8);
            d += Vector256.Load(p + 12);
        }

        // The JIT must not find that nobody wants the sum.
        var sum = Vector256.Sum(a + b + c + d);
        Volatile.Write(ref sum, sum);
    }
}
