using ManagedSwarm.Gguf;

namespace ManagedSwarm.Tests.Gguf;

/// <summary>Whole tensors as floats.</summary>
internal static class TensorReading
{
    public static float[] ReadAll(GgufFile file, TensorInfo tensor)
    {
        var columns = checked((int)tensor.Columns);
        var values = new float[checked(columns * (int)tensor.Rows)];
        for (var row = 0; row < tensor.Rows; row++)
        {
            BlockCodec.Dequantize(tensor.Type, file.GetRow(tensor, row), values.AsSpan(row * columns, columns));
        }

        return values;
    }

    /// <summary>A copy of a tensor's bytes.</summary>
    public static unsafe byte[] ReadBytes(GgufFile file, TensorInfo tensor) =>
        new ReadOnlySpan<byte>(file.GetPointer(tensor), checked((int)tensor.ByteLength)).ToArray();
}
