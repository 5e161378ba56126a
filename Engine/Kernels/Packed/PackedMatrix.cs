using ManagedSwarm.Engine.Model;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Engine.Kernels.Packed;

/// <summary>A matrix whose rows are interleaved for this CPU's vectors: see <see cref="Formats.IPackedFormat"/>.</summary>
internal sealed unsafe class PackedMatrix : Matrix
{
    private readonly NativeBuffer _buffer;
    private readonly byte* _tiles;

    public PackedMatrix(WeightMatrix source, PackedKernel kernel, ComputeThreads threads, LoadMonitor monitor)
        : base(source.Rows, source.Columns, source.Bias)
    {
        Kernel = kernel;
        TileBytes = kernel.TileBytes(Columns);
        TileCount = (Rows + kernel.Rows - 1) / kernel.Rows;
        _buffer = NativeBuffer.Allocate(checked(TileBytes * TileCount), zeroed: true, $"tensor '{source.Tensor.Name}'");
        _tiles = _buffer.Pointer;
        try
        {
            MatrixReader.Read(source, kernel.Rows, threads, monitor, new Packer(this, source));
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

    /// <summary>What a matrix takes in this form, in bytes.</summary>
    public static long BytesOf(TensorInfo matrix)
    {
        var kernel = PackedKernels.For(matrix.Type);
        return checked(kernel.TileBytes((int)matrix.Columns) * ((matrix.Rows + kernel.Rows - 1) / kernel.Rows));
    }

    /// <summary>A tile's packed rows.</summary>
    public byte* Tile(int index) => _tiles + (index * TileBytes);

    public override void Dispose()
    {
        _buffer.Dispose();
        base.Dispose();
    }

    private readonly struct Packer(PackedMatrix matrix, WeightMatrix source) : IRowConsumer
    {
        public void Take(int first, int count, byte* data)
        {
            var kernel = matrix.Kernel;
            for (var row = first; row < first + count; row++, data += source.RowBytes)
            {
                var block = kernel.PackRow(data, matrix.Columns, matrix.Tile(row / kernel.Rows), row % kernel.Rows);
                if (block >= 0)
                {
                    var column = block * kernel.BlockLength;
                    throw source.NotFinite(row, column, Math.Min(kernel.BlockLength, matrix.Columns - column));
                }
            }
        }
    }
}
