using System.Buffers.Binary;
using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Gguf;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Engine.Generation;

public sealed class ModelShapeFileTests
{
    [Theory]
    [InlineData("models-test/tales.q4_k.gguf", KernelKind.Fast)]
    [InlineData("models-test/tales.q8_0.gguf", KernelKind.Reference)]
    [InlineData("models-test/tales.f16.gguf", KernelKind.Fast)]
    public void Counts_what_loading_counts(string file, KernelKind kernels)
    {
        var options = new ModelOptions { Kernels = kernels, ContextLength = 256 };
        using var opened = GgufFile.Open(Repository.File(file));
        var weights = new ModelWeights(opened);
        var kvCache = options.KvCacheFor(weights.Config);
        var need = MemoryNeed.Of(weights, kvCache, options.Device, options.Kernels);

        var (shape, context) = ModelShapeFile.Read(Repository.File(file), options);

        Assert.Equal(256, context);
        Assert.Equal((weights.Config.LayerCount, weights.Config.HiddenSize), (shape.LayerCount, shape.HiddenSize));
        Assert.Equal(need.Weights, shape.LayerWeightBytes.Sum() + shape.HeadWeightBytes);
        Assert.Equal(need.KvCache, shape.KvBytesPerLayer * shape.LayerCount);
        Assert.All(shape.LayerWeightBytes, bytes => Assert.True(bytes > 0));
        Assert.InRange(shape.LayerFileBytes.Sum(), 1, opened.Tensors.Sum(tensor => tensor.ByteLength) - 1);
        Assert.InRange(shape.HeadReadBytes, 1, shape.HeadWeightBytes);
        shape.Validate();
    }

    [Theory]
    [InlineData(int.MaxValue, "unsupported_model")]
    [InlineData(1000, "invalid_model")]
    public void Refuses_layers_that_are_not_there(int layers, string code)
    {
        using var folder = new TemporaryFolder();
        var bytes = File.ReadAllBytes(Repository.File("models-test/tales.q8_0.gguf"));
        var key = "llama.block_count"u8;
        // Behind the key there are 4 bytes of its type.
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(bytes.AsSpan().IndexOf(key) + key.Length + 4), layers);
        var path = Path.Combine(folder.Path, "lies.gguf");
        File.WriteAllBytes(path, bytes);

        Assert.Equal(code, Assert.Throws<EngineException>(() => ModelShapeFile.Read(path, new() { ContextLength = 8 })).Code);
    }

    [Fact]
    public void Says_so_where_there_is_no_file() =>
        Assert.Equal("file_not_found", Assert.Throws<EngineException>(() => ModelShapeFile.Read("/nowhere/model.gguf", new())).Code);
}
