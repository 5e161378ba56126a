using System.Diagnostics;
using System.Runtime.CompilerServices;
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

    // Read in less time than the system gives a thread at once: where others compute, too, most are read without a pause.
    private const int ChunkBytes = 1 << 20;

    /// <summary>Measures, on threads of its own.</summary>
    /// <param name="threads">How many read at once.</param>
    /// <returns>Bytes per second, by the fastest tenth of small parts: those for which others compute, too, or a thread waits for its turn, do not count.</returns>
    public static long Measure(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        threads = Math.Min(threads, MaxThreads);
        var chunks = (int)(BufferBytes / threads / ChunkBytes);
        var part = (long)chunks * ChunkBytes;
        var buffer = (byte*)NativeMemory.AlignedAlloc((nuint)BufferBytes, ChunkBytes);
        var times = new TimeSpan[threads * Passes * chunks];
        try
        {
            Run(threads, i => NativeMemory.Fill(buffer + (i * part), (nuint)part, 1));
            Run(threads, i => Read(buffer + (i * part), times.AsSpan(i * Passes * chunks, Passes * chunks), chunks));
            Array.Sort(times);
            return (long)((double)threads * ChunkBytes / times[times.Length / 10].TotalSeconds);
        }
        finally
        {
            NativeMemory.AlignedFree(buffer);
        }
    }

    /// <summary>Waits until all threads are there, and until all are done.</summary>
    private static void Run(int threads, Action<int> work)
    {
        using var barrier = new Barrier(threads + 1);
        var running = Enumerable.Range(0, threads).Select(i => new Thread(() =>
        {
            barrier.SignalAndWait();
            work(i);
        })).ToList();
        running.ForEach(thread => thread.Start());
        barrier.SignalAndWait();
        running.ForEach(thread => thread.Join());
    }

    private static void Read(byte* part, Span<TimeSpan> times, int chunks)
    {
        for (var i = 0; i < times.Length; i++)
        {
            var start = Stopwatch.GetTimestamp();
            Read(part + ((long)(i % chunks) * ChunkBytes), ChunkBytes);
            times[i] = Stopwatch.GetElapsedTime(start);
        }
    }

    // Is not to be replaced by better code half way.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
