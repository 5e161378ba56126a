using System.Runtime.InteropServices;
using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Gguf;
using ManagedSwarm.Tests.Engine.Kernels.Packed;

namespace ManagedSwarm.Tests.Engine.Kernels;

public sealed unsafe class MatrixReaderTests
{
    /// <summary>Rows of 16 KiB: 64 to a chunk.</summary>
    private const int Columns = 4096;

    private const int Rows = 777;
    private const int RowBytes = Columns * sizeof(float);

    [Theory]
    [InlineData(1, 16)]
    [InlineData(3, 16)]
    [InlineData(4, 7)]
    [InlineData(4, 100)]
    public void Every_row_comes_once_in_whole_groups(int threadCount, int groupRows)
    {
        using var file = CreateFile();
        using var threads = new ComputeThreads(threadCount);
        var (done, seen) = (0L, new int[Rows]);
        var monitor = new LoadMonitor(Rows * RowBytes, new Reports(report => done = report.BytesDone), TestContext.Current.CancellationToken);
        MatrixReader.Read(file.Matrix, groupRows, threads, monitor, new Checker(groupRows, seen));
        monitor.Complete();
        Assert.All(seen, times => Assert.Equal(1, times));
        Assert.Equal(Rows * RowBytes, done);
    }

    [Fact]
    public void Ends_where_the_load_is_cancelled()
    {
        using var file = CreateFile();
        using var threads = new ComputeThreads(2);
        using var cancelling = new CancellationTokenSource();
        var seen = new int[Rows];
        var monitor = new LoadMonitor(Rows * RowBytes, new Reports(Cancel), cancelling.Token);
        Assert.ThrowsAny<OperationCanceledException>(() => MatrixReader.Read(file.Matrix, 1, threads, monitor, new Checker(1, seen)));
        Assert.InRange(seen.Sum(), 1, Rows - 1);

        void Cancel(LoadProgress report)
        {
            if (report.BytesDone > 0)
            {
                cancelling.Cancel();
            }
        }
    }

    private static MatrixFile CreateFile() => new(TensorType.F32, Columns, [.. Enumerable.Range(0, Rows).Select(CreateRow)]);

    private static byte[] CreateRow(int row) => MemoryMarshal.AsBytes<float>(Enumerable.Repeat((float)row, Columns).ToArray()).ToArray();

    private readonly struct Checker(int groupRows, int[] seen) : IRowConsumer
    {
        public void Take(int first, int count, byte* data)
        {
            Assert.Equal(0, first % groupRows);
            Assert.True(count % groupRows == 0 || first + count == Rows, $"{count} rows are no whole groups");
            for (var row = 0; row < count; row++)
            {
                Interlocked.Increment(ref seen[first + row]);
                Assert.Equal(-1, new Span<float>(data + ((long)row * RowBytes), Columns).IndexOfAnyExcept(first + row));
            }
        }
    }

    private sealed class Reports(Action<LoadProgress> take) : IProgress<LoadProgress>
    {
        public void Report(LoadProgress value) => take(value);
    }
}
