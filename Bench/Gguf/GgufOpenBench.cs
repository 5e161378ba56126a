using BenchmarkDotNet.Attributes;
using ManagedSwarm.Gguf;
using ManagedSwarm.ModelsTest;

namespace ManagedSwarm.Bench.Gguf;

/// <summary>Opening a file: mapping it, and reading and checking its metadata and tensor table. Weights are not touched.</summary>
[MemoryDiagnoser]
public class GgufOpenBench
{
    private string _path = "";

    /// <summary>Most of the time goes to the vocabulary's texts.</summary>
    [Params(512, 32_000, 128_000)]
    public int Vocabulary { get; set; }

    [GlobalSetup]
    public void WriteModel()
    {
        _path = Path.Combine(Path.GetTempPath(), $"gguf-open-{Guid.NewGuid():N}.gguf");
        ModelGenerator.Write(_path, ModelPresets.Tiny with { LayerCount = 16, VocabularySize = Vocabulary });
    }

    [GlobalCleanup]
    public void DeleteModel() => File.Delete(_path);

    [Benchmark]
    public int Open()
    {
        using var file = GgufFile.Open(_path);
        return file.Tensors.Count;
    }
}
