using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using ManagedSwarm.Engine.Kernels.Attention;
using ManagedSwarm.Engine.Model;

namespace ManagedSwarm.Engine.Kernels.Packed;

/// <summary>
/// Matrices packed for this CPU, multiplied with activations of 8 bits. Inputs are quantised once for all matrices that they are multiplied
/// with, and the rows of all of these are shared out together.
/// </summary>
internal sealed unsafe class FastKernels(ComputeThreads threads) : KernelSet(threads)
{
    // So many parts per thread, that a thread which is held up does not hold up the others.
    private const int PartsPerThread = 8;

    private const int FloatsPerCacheLine = 16;

    private readonly Lock _lock = new();
    private readonly List<ActivationBuffer> _buffers = [];
    private readonly Job[] _jobs = new Job[8];

    public override Matrix Prepare(WeightMatrix source, LoadMonitor monitor) =>
        new PackedMatrix(source, PackedKernels.For(source.Type), Threads, monitor);

    public override void Multiply(float* inputs, int count, ReadOnlySpan<Product> products)
    {
        lock (_lock)
        {
            var tiles = 0;
            for (var i = 0; i < products.Length; i++)
            {
                var matrix = (PackedMatrix)products[i].Matrix;
                _jobs[i] = new Job(matrix, products[i].Results, FillBuffer(matrix, inputs, count, i), tiles);
                tiles += matrix.TileCount;
            }

            var parts = Math.Min(tiles, Threads.Count * PartsPerThread);
            var work = new Work(_jobs, count, tiles, parts);
            Threads.Run(parts, ref work);
        }
    }

    public override IAttention CreateAttention(ModelConfig config, KvCache cache) => new TiledAttention(config, cache, Threads);

    public override void Dispose()
    {
        base.Dispose();
        foreach (var buffer in _buffers)
        {
            buffer.Dispose();
        }
    }

    /// <summary>The activations as a matrix wants them; filled by the first of the products that does.</summary>
    private ActivationBuffer FillBuffer(PackedMatrix matrix, float* inputs, int count, int product)
    {
        var (layout, maxColumns) = (matrix.Kernel.Activations, matrix.Kernel.MaxColumns);
        for (var i = 0; i < product; i++)
        {
            if (_jobs[i].Activations.Serves(layout, maxColumns))
            {
                return _jobs[i].Activations;
            }
        }

        var buffer = BufferFor(layout, maxColumns);
        buffer.Fill(inputs, count, matrix.Columns, Threads);
        return buffer;
    }

    private ActivationBuffer BufferFor(ActivationLayout layout, int maxColumns)
    {
        foreach (var buffer in _buffers)
        {
            if (buffer.Serves(layout, maxColumns))
            {
                return buffer;
            }
        }

        var added = new ActivationBuffer(layout, maxColumns);
        _buffers.Add(added);
        return added;
    }

    /// <summary>One product, whose tiles of rows are numbered behind those of the products before.</summary>
    private readonly struct Job(PackedMatrix matrix, float* results, ActivationBuffer activations, int firstTile)
    {
        public ActivationBuffer Activations { get; } = activations;

        public int EndTile => firstTile + matrix.TileCount;

        /// <summary>All tokens times one tile of rows.</summary>
        [SkipLocalsInit]
        public void Run(int tile, int count)
        {
            var kernel = matrix.Kernel;
            var weights = matrix.Tile(tile - firstTile);
            var firstRow = (tile - firstTile) * kernel.Rows;
            var rows = Math.Min(kernel.Rows, matrix.Rows - firstRow);
            var memory = stackalloc byte[(kernel.Rows * kernel.MaxColumns * sizeof(float)) + 64];
            var sums = (float*)(((nint)memory + 63) & ~63);
            for (var first = 0; first < count; first += kernel.MaxColumns)
            {
                var columns = Math.Min(kernel.MaxColumns, count - first);
                if (columns > 1)
                {
                    Prefetch(results + ((long)first * matrix.Rows) + firstRow, columns, rows);
                }

                kernel.Multiply(weights, matrix.Columns, Activations.TileFrom(first), columns, sums);
                for (var column = 0; column < columns; column++)
                {
                    Store(sums + (column * kernel.Rows), firstRow, rows, results + ((long)(first + column) * matrix.Rows));
                }
            }
        }

        /// <summary>Fetches where the results will go, while they are computed: it is far away, and stores wait for it.</summary>
        private void Prefetch(float* results, int columns, int rows)
        {
            for (var column = 0; column < columns && Sse.IsSupported; column++, results += matrix.Rows)
            {
                for (var row = 0; row < rows; row += FloatsPerCacheLine)
                {
                    Sse.Prefetch0(results + row);
                }
            }
        }

        private void Store(float* sums, int firstRow, int rows, float* results)
        {
            new ReadOnlySpan<float>(sums, rows).CopyTo(new Span<float>(results + firstRow, rows));
            if (matrix.Bias.Length > 0)
            {
                fixed (float* bias = matrix.Bias)
                {
                    VectorMath.Add(results + firstRow, bias + firstRow, rows);
                }
            }
        }
    }

    private readonly struct Work(Job[] jobs, int count, int tiles, int parts) : IParallelWork
    {
        public void Run(int part)
        {
            var job = 0;
            var end = (int)((long)tiles * (part + 1) / parts);
            for (var tile = (int)((long)tiles * part / parts); tile < end; tile++)
            {
                while (tile >= jobs[job].EndTile)
                {
                    job++;
                }

                jobs[job].Run(tile, count);
            }
        }
    }
}
