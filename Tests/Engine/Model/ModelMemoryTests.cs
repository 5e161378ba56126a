using System.Text;
using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Gguf;
using ManagedSwarm.ModelsTest;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Engine.Model;

public sealed class ModelMemoryTests
{
    private static readonly KvCacheOptions Cache = new() { CapacityTokens = 320 };

    public static TheoryData<string, DeviceKind, KernelKind> Models() => new MatrixTheoryData<string, DeviceKind, KernelKind>(
        TinyModels.Names, Enum.GetValues<DeviceKind>(), Enum.GetValues<KernelKind>());

    [Theory]
    [MemberData(nameof(Models))]
    public void The_parts_are_all_of_the_model(string model, DeviceKind device, KernelKind kernels)
    {
        using var file = GgufFile.Open(TinyModels.PathOf(model));
        var weights = new ModelWeights(file);
        var memory = ModelMemory.Of(weights, Cache, device, kernels);
        Assert.Equal(TinyModels.LayerCount, memory.LayerWeights.Count);
        Assert.Equal(file.Tensors.Sum(tensor => tensor.ByteLength), memory.HeadFileBytes + memory.LayerFileBytes.Sum());
        Assert.All(memory.LayerFileBytes, bytes => Assert.True(bytes > 0));
        Assert.True(memory.Workspace > 0);
        if (device != DeviceKind.Cuda)
        {
            var whole = MemoryNeed.Of(weights, Cache, device, kernels);
            Assert.Equal(whole.Weights, memory.HeadWeights + memory.LayerWeights.Sum());
            Assert.Equal(whole.KvCache, memory.KvPerLayer * TinyModels.LayerCount);
        }
    }

    [Fact]
    public void A_machine_with_some_of_the_layers_needs_these_and_the_head()
    {
        using var file = GgufFile.Open(TinyModels.PathOf("K-quants, grouped heads"));
        var weights = new ModelWeights(file);
        var memory = ModelMemory.Of(weights, Cache, DeviceKind.Cpu, KernelKind.Fast);
        MemoryNeed Need(params LayerRange[] layers) => MemoryNeed.Of(weights, Cache, DeviceKind.Cpu, KernelKind.Fast, layers);
        Assert.Equal(new MemoryNeed(memory.HeadWeights, 0), Need());
        Assert.Equal(new MemoryNeed(memory.HeadWeights + memory.LayerWeights.Skip(1).Take(2).Sum(), 2 * memory.KvPerLayer), Need(new LayerRange(1, 2)));
        Assert.Equal(memory.HeadFileBytes + memory.LayerFileBytes[3], MemoryNeed.FileBytes(weights, [new LayerRange(3, 1)]));
    }

    [Fact]
    public void Keys_and_values_take_what_their_cache_takes()
    {
        using var file = GgufFile.Open(TinyModels.PathOf("K-quants, grouped heads"));
        var weights = new ModelWeights(file);

        // Two heads of 32, keys and values.
        var halves = ModelMemory.Of(weights, Cache, DeviceKind.Cpu, KernelKind.Fast).KvPerLayer;
        Assert.Equal(320 * 2 * 32 * 2 * 2, halves);
        Assert.Equal(2 * halves, ModelMemory.Of(weights, Cache with { Type = KvType.F32 }, DeviceKind.Cpu, KernelKind.Fast).KvPerLayer);
    }

    [Fact]
    public void Refuses_more_layers_than_the_file_can_have()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("model.gguf");
        ModelGenerator.Write(path, ModelPresets.Tiny);
        var bytes = File.ReadAllBytes(path);
        var key = Encoding.UTF8.GetBytes("llama.block_count");

        // Behind the key: the value's type, and the value.
        BitConverter.TryWriteBytes(bytes.AsSpan(bytes.AsSpan().IndexOf(key) + key.Length + sizeof(uint)), int.MaxValue);
        File.WriteAllBytes(path, bytes);
        using var file = GgufFile.Open(path);
        var error = Assert.Throws<EngineException>(() => ModelMemory.Of(new ModelWeights(file), Cache, DeviceKind.Cpu, KernelKind.Fast));
        Assert.Equal("invalid_model", error.Code);
    }
}
