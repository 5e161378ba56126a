using ManagedSwarm.Engine.Model;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Engine.Kernels;

/// <summary>A matrix as it lies in the file: (Rows, Columns), rows contiguous.</summary>
internal sealed unsafe class WeightMatrix
{
    private readonly byte* _data;

    private WeightMatrix(TensorType type, byte* data, int rows, int columns, float[] bias)
    {
        _data = data;
        (Type, Rows, Columns, Bias) = (type, rows, columns, bias);
        RowBytes = checked((int)type.RowBytes(columns));
    }

    public TensorType Type { get; }

    public int Rows { get; }

    public int Columns { get; }

    public int RowBytes { get; }

    /// <summary>Added to each result: (Rows), or empty.</summary>
    public float[] Bias { get; }

    /// <summary>The matrix <c>NAME.weight</c> with <c>NAME.bias</c>, if the model has one.</summary>
    public static WeightMatrix Load(ModelWeights weights, string name, int rows, int columns)
    {
        var tensor = weights.Require($"{name}.weight", columns, rows);
        return new WeightMatrix(tensor.Type, weights.File.GetPointer(tensor), rows, columns, weights.ReadOptionalFloats($"{name}.bias", rows));
    }

    /// <summary>Row <paramref name="row"/> as floats: (Columns).</summary>
    public void ReadRow(int row, Span<float> destination) =>
        BlockCodec.Dequantize(Type, new ReadOnlySpan<byte>(_data + ((long)row * RowBytes), RowBytes), destination[..Columns]);
}
