using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Gguf;
using ManagedSwarm.ModelsTest;

namespace ManagedSwarm.Bench.Kernels;

/// <summary>A matrix of random weights in a file, as kernels get it from a model: the output matrix of a small one.</summary>
internal sealed class BenchTensor : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"tensor-{Guid.NewGuid():N}.gguf");
    private readonly GgufFile _file;

    public BenchTensor(TensorType type, int rows, int columns)
    {
        var shape = ModelPresets.Tiny with { LayerCount = 1, VocabularySize = rows, HiddenSize = columns, Type = TensorType.F16 };
        ModelGenerator.Write(_path, shape with { TypeOverrides = new Dictionary<string, TensorType> { ["output.weight"] = type } });
        _file = GgufFile.Open(_path);
        Matrix = WeightMatrix.Load(new ModelWeights(_file), "output", rows, columns);
    }

    public WeightMatrix Matrix { get; }

    public void Dispose()
    {
        _file.Dispose();
        File.Delete(_path);
    }
}
