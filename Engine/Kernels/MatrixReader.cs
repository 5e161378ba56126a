using System.Runtime.InteropServices;
using ManagedSwarm.Engine.Model;

namespace ManagedSwarm.Engine.Kernels;

/// <summary>Takes rows of a matrix as they are read from its file.</summary>
internal unsafe interface IRowConsumer
{
    /// <summary>Takes rows <paramref name="first"/> … ; called from any thread, once for each row.</summary>
    /// <param name="first">The first row; a multiple of the rows of a group.</param>
    /// <param name="count">Rows.</param>
    /// <param name="data">Their bytes, contiguous; valid during the call.</param>
    void Take(int first, int count, byte* data);
}

/// <summary>Reads a matrix from its file, in chunks, by all threads, without mapping it.</summary>
internal static unsafe class MatrixReader
{
    // Large enough for a disk and a system call; small enough to be still in the cache when it is used.
    private const long ChunkBytes = 1 << 20;

    /// <summary>Reads the whole matrix.</summary>
    /// <param name="source">The matrix.</param>
    /// <param name="groupRows">Rows that belong together: chunks are whole groups, but for the last.</param>
    /// <param name="threads">Who reads.</param>
    /// <param name="monitor">Told what is done, and may end it.</param>
    /// <param name="consumer">Takes the rows.</param>
    public static void Read<TConsumer>(WeightMatrix source, int groupRows, ComputeThreads threads, LoadMonitor monitor, TConsumer consumer)
        where TConsumer : struct, IRowConsumer
    {
        var groups = Math.Max(1, ChunkBytes / ((long)groupRows * source.RowBytes));
        var chunkRows = (int)Math.Min(groups * groupRows, source.Rows);
        var chunks = (source.Rows + chunkRows - 1) / chunkRows;
        var work = new Work<TConsumer>(source, chunkRows, chunks, monitor, consumer);
        threads.Run(Math.Min(threads.Count, chunks), ref work);
    }

    /// <summary>Each part has a buffer and takes the next chunk until none is left.</summary>
    private struct Work<TConsumer>(WeightMatrix source, int chunkRows, int chunks, LoadMonitor monitor, TConsumer consumer) : IParallelWork
        where TConsumer : struct, IRowConsumer
    {
        private int _taken;

        public void Run(int part)
        {
            var bytes = checked(chunkRows * source.RowBytes);
            var buffer = (byte*)NativeMemory.Alloc((nuint)bytes);
            try
            {
                for (var chunk = Next(); chunk < chunks; chunk = Next())
                {
                    var first = chunk * chunkRows;
                    var count = Math.Min(chunkRows, source.Rows - first);
                    source.File.ReadRows(source.Tensor, first, count, new Span<byte>(buffer, bytes));
                    consumer.Take(first, count, buffer);
                    monitor.Advance((long)count * source.RowBytes);
                }
            }
            finally
            {
                NativeMemory.Free(buffer);
            }
        }

        private int Next() => Interlocked.Increment(ref _taken) - 1;
    }
}
