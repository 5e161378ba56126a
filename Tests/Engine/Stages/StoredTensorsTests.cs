using ManagedSwarm.Engine.Devices;
using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Gguf;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Tests.Gguf;

namespace ManagedSwarm.Tests.Engine.Stages;

/// <summary>A stage is the same whether its tensors lie in the model's file or in files of their own, without the rest of the model.</summary>
public sealed class StoredTensorsTests
{
    private const int TokenCount = 5;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Models() => [.. TinyModels.Names];

    public static TheoryData<string> SharedModels() =>
        ["babyllama_tok361.Q4_0", "babyllama_tok361_wide256.Q4_K_M", "babyllama_tok361_wide256.IQ4_NL", "stories260K.Q6_K", "babyllama_tok361.Q8_0"];

    [Theory]
    [MemberData(nameof(Models))]
    public Task Computes_the_bits_of_a_stage_of_the_file(string model) => AssertSameAsync(TinyModels.PathOf(model));

    [Theory]
    [MemberData(nameof(SharedModels))]
    public Task Computes_the_bits_of_a_stage_of_a_quantized_model(string model) => AssertSameAsync(SharedData.Require($"models/{model}.gguf"));

    [Fact]
    public Task Computes_the_bits_of_a_stage_of_the_smallest_model() => AssertSameAsync(Repository.File("models-test/tiny.gguf"));

    private static async Task AssertSameAsync(string path)
    {
        using var file = GgufFile.Open(path);
        var count = ModelConfig.FromMetadata(file.Metadata).LayerCount;
        foreach (var layers in (LayerRange[])[new(0, count), new(count / 2, count - (count / 2)), new(0, 1)])
        {
            using var folder = new TemporaryFolder();
            using var store = SeparateTensors.Write(file, file.Tensors.Where(tensor => IsOf(layers, tensor.Name)), folder);
            Assert.Equal(await RunAsync(file, layers), await RunAsync(store, layers));
        }
    }

    private static bool IsOf(LayerRange layers, string name) =>
        name == "rope_freqs.weight"
        || Enumerable.Range(layers.First, layers.Count).Any(layer => name.StartsWith($"blk.{layer}.", StringComparison.Ordinal));

    private static async Task<float[]> RunAsync(ITensorStore store, LayerRange layers)
    {
        var weights = new ModelWeights(store);
        using var device = new CpuDevice(threads: 1, KernelKind.Fast);
        await using var stage = device.CreateStage(weights, layers, new KvCacheOptions { CapacityTokens = 64 });
        using var batch = new StepBatch(0, 0, [SequenceOperation.Open(0, TokenCount)], [new(0, 0, TokenCount)], weights.Config.HiddenSize);
        var random = new Random(1);
        foreach (ref var value in batch.Hidden.Span)
        {
            value = random.NextSingle() - 0.5f;
        }

        using var result = await stage.StepAsync(batch, Cancellation);
        Assert.DoesNotContain(result.Hidden.Span.ToArray(), float.IsNaN);
        return result.Hidden.Span.ToArray();
    }
}
