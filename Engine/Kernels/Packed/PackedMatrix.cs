using System.Runtime.InteropServices;

namespace ManagedSwarm.Engine.Kernels.Packed;

/// <summary>A matrix whose rows are interleaved for this CPU's vectors: see <see cref="Formats.IPackedFormat"/>.</summary>
internal sealed unsafe class PackedMatrix : Matrix
{
    private byte* _tiles;

    public PackedMatrix(WeightMatrix source, PackedKernel kernel, ComputeThreads threads)
        : base(source.Rows, source.Columns, source.Bias)
    {
        Kernel = kernel;
        TileBytes = kernel.TileBytes(Columns);
        TileCount = (Rows + kernel.Rows - 1) / kernel.Rows;
        var bytes = checked((nuint)(TileBytes * TileCount));
        _tiles = (byte*)NativeMemory.AlignedAlloc(bytes, 64);
        NativeMemory.Clear(_tiles, bytes);
        var work = new Work(this, source);
        try
        {
            threads.Run(TileCount, ref work);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public PackedKernel Kernel { get; }

    /// <summary>Tiles of rows.</summary>
    public int TileCount { get; }

    public long TileBytes { get; }

    /// <summary>A tile's packed rows.</summary>
    public byte* Tile(int index) => _tiles + (index * TileBytes);

    public override void Dispose()
    {
        NativeMemory.AlignedFree(_tiles);
        _tiles = null;
        base.Dispose();
    }

    private readonly struct Work(PackedMatrix matrix, WeightMatrix source) : IParallelWork
    {
        public void Run(int part)
        {
            var first = part * matrix.Kernel.Rows;
            for (var row = first; row < Math.Min(first + matrix.Kernel.Rows, matrix.Rows); row++)
            {
                var block = matrix.Kernel.PackRow(source.RowPointer(row), matrix.Columns, matrix.Tile(part), row - first);
                if (block >= 0)
                {
                    throw NotFinite(row, block);
                }
            }
        }

        private EngineException NotFinite(int row, int block)
        {
            var first = block * matrix.Kernel.BlockLength;
            var last = Math.Min(first + matrix.Kernel.BlockLength, matrix.Columns) - 1;
            return new EngineException(
                "invalid_model", $"tensor '{source.Tensor.Name}', row {row}, columns {first} to {last}: an element is no finite number");
        }
    }
}
