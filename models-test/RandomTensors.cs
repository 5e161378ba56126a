using ManagedSwarm.Gguf;

namespace ManagedSwarm.ModelsTest;

/// <summary>Adds tensors to a file, in the types that the shape asks for.</summary>
internal sealed class RandomTensors(GgufWriter writer, ModelShape shape)
{
    /// <summary>Adds a matrix of random weights, <paramref name="rows"/> x <paramref name="columns"/>.</summary>
    public void AddMatrix(string name, int columns, int rows)
    {
        var type = MatrixTypes.Choose(shape, name, columns);
        var rowBytes = (int)type.RowBytes(columns);
        writer.AddBlocks(name, type, [columns, rows], FillRows);

        void FillRows(long firstRow, Memory<byte> destination) => Parallel.For(
            0,
            destination.Length / rowBytes,
            () => new float[columns],
            (row, _, values) =>
            {
                Fill(name, type, firstRow + row, values, destination.Span.Slice(row * rowBytes, rowBytes));
                return values;
            },
            _ => { });
    }

    public void AddVector(string name, ReadOnlySpan<float> values) => writer.AddTensor(name, TensorType.F32, [values.Length], values);

    public void AddRandomVector(string name, int length)
    {
        var values = new float[length];
        new Noise(shape.Seed, name, 0).FillNormal(values, shape.WeightScale);
        AddVector(name, values);
    }

    /// <summary>Adds a norm that changes nothing.</summary>
    public void AddOnes(string name, int length)
    {
        var values = new float[length];
        values.AsSpan().Fill(1);
        AddVector(name, values);
    }

    private void Fill(string name, TensorType type, long row, float[] values, Span<byte> destination)
    {
        var noise = new Noise(shape.Seed, name, row);
        if (BlockCodec.CanQuantize(type))
        {
            noise.FillNormal(values, shape.WeightScale);
            BlockCodec.Quantize(type, values, destination);
        }
        else
        {
            RandomBlocks.Fill(type, destination, noise, shape.WeightScale);
        }
    }
}
