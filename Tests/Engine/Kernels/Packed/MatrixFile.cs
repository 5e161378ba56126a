using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Gguf;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Engine.Kernels.Packed;

/// <summary>A file with one matrix of given bytes.</summary>
internal sealed class MatrixFile : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly GgufFile _file;

    public MatrixFile(TensorType type, int columns, byte[][] rows, float[]? bias = null)
    {
        var writer = new GgufWriter();
        writer.AddBlocks("weights", type, [columns, rows.Length], (first, destination) => rows.AsSpan((int)first, destination.Length / rows[0].Length)
            .ToArray().SelectMany(row => row).ToArray().CopyTo(destination));
        writer.Save(_folder.File("matrix.gguf"));
        _file = GgufFile.Open(_folder.File("matrix.gguf"));
        Matrix = WeightMatrix.Of(_file, _file.Tensors[0], bias ?? []);
    }

    public WeightMatrix Matrix { get; }

    /// <summary>A row as floats, by the scalar reference.</summary>
    public float[] Row(int index)
    {
        var row = new float[Matrix.Columns];
        Matrix.ReadRow(index, row);
        return row;
    }

    public void Dispose()
    {
        _file.Dispose();
        _folder.Dispose();
    }
}
