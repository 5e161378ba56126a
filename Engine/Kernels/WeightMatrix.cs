using ManagedSwarm.Engine.Model;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Engine.Kernels;

/// <summary>A matrix as it lies in the file: (Rows, Columns), rows contiguous.</summary>
internal sealed unsafe class WeightMatrix : Matrix
{
    private readonly byte* _data;

    private WeightMatrix(ITensorStore file, TensorInfo tensor, int rows, int columns, float[] bias)
        : base(rows, columns, bias)
    {
        _data = file.GetPointer(tensor);
        (File, Tensor) = (file, tensor);
        RowBytes = checked((int)tensor.Type.RowBytes(columns));
    }

    /// <summary>The file it lies in.</summary>
    public ITensorStore File { get; }

    /// <summary>Where in the file.</summary>
    public TensorInfo Tensor { get; }

    public TensorType Type => Tensor.Type;

    public int RowBytes { get; }

    /// <summary>The matrix <c>NAME.weight</c> with <c>NAME.bias</c>, if the model has one.</summary>
    public static WeightMatrix Load(ModelWeights weights, string name, int rows, int columns)
    {
        var tensor = weights.Require($"{name}.weight", columns, rows);
        return new WeightMatrix(weights.File, tensor, rows, columns, weights.ReadOptionalFloats($"{name}.bias", rows));
    }

    /// <summary>A tensor of two dimensions.</summary>
    public static WeightMatrix Of(ITensorStore file, TensorInfo tensor, float[] bias) =>
        new(file, tensor, checked((int)tensor.Dimensions[1]), checked((int)tensor.Dimensions[0]), bias);

    /// <summary>Row <paramref name="row"/> as floats: (Columns).</summary>
    public void ReadRow(int row, Span<float> destination) =>
        BlockCodec.Dequantize(Type, new ReadOnlySpan<byte>(_data + ((long)row * RowBytes), RowBytes), destination[..Columns]);

    /// <summary>Brings the matrix's pages into memory, so that the first reply does not wait for the disk.</summary>
    public void ReadAhead(LoadMonitor monitor)
    {
        const int PageBytes = 4096;
        const int StepBytes = 1 << 20;
        var length = (long)Rows * RowBytes;
        for (var first = 0L; first < length; first += StepBytes)
        {
            var end = Math.Min(first + StepBytes, length);
            for (var i = first; i < end; i += PageBytes)
            {
                Volatile.Read(ref _data[i]);
            }

            // A disk may be slow: whoever waits must see it move, and be able to end it.
            monitor.Advance(end - first);
        }
    }

    /// <summary>Says that elements <paramref name="firstColumn"/> … of a row have NaN or infinity among them, with which no reply would make sense.</summary>
    public EngineException NotFinite(int row, int firstColumn, int count) => ModelWeights.NotFinite(File, Tensor, row, firstColumn, count);
}
