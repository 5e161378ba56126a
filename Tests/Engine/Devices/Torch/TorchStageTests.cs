using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Gguf;
using ManagedSwarm.ModelsTest;
using ManagedSwarm.Tests.Fixtures;
using TorchSharp;

namespace ManagedSwarm.Tests.Engine.Devices.Torch;

/// <summary>
/// What libtorch promises: the managed device's logits within a tolerance, and its own bits where the shape of the batch is the same.
/// Alone in the process, because libtorch's count of tensors is one for all.
/// </summary>
[Collection(nameof(TorchStageTests))]
[CollectionDefinition(nameof(TorchStageTests), DisableParallelization = true)]
public sealed class TorchStageTests
{
    /// <summary>Rounding of f32 sums in another order, in logits of about ±10.</summary>
    private const float Tolerance = 1e-3f;

    /// <summary>A key or value on the border between two f16 numbers may fall to either.</summary>
    private const float HalfTolerance = 2e-2f;

    private static readonly int[] Tokens = [1, .. Enumerable.Range(0, 90).Select(i => 3 + (i * 37 % 200))];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, KvType> Models() => new MatrixTheoryData<string, KvType>(TinyModels.Names, [KvType.F32, KvType.F16]);

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Agrees_with_the_managed_device(string model, KvType kvType)
    {
        using var managed = TestDevices.Open(DeviceKind.Cpu);
        using var device = TestDevices.Open(DeviceKind.TorchCpu);
        await using var reference = TinyModels.Open(managed, model, kvType);
        await using var forcing = TinyModels.Open(device, model, kvType);
        AssertClose(
            await reference.ComputeLogitsAsync(Tokens, Tokens.Length, Cancellation),
            await forcing.ComputeLogitsAsync(Tokens, Tokens.Length, Cancellation),
            kvType);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Chunks_forks_truncations_and_resent_tokens_change_rounding_only(string model, KvType kvType)
    {
        using var device = TestDevices.Open(DeviceKind.TorchCpu);
        await using var forcing = TinyModels.Open(device, model, kvType);
        var expected = await forcing.ComputeLogitsAsync(Tokens, Tokens.Length, Cancellation);
        foreach (var chunk in (int[])[1, 7, 32, 33])
        {
            AssertClose(expected, await forcing.ComputeLogitsAsync(Tokens, chunk, Cancellation), kvType);
        }

        // 41 is within a block: the fork and its source both write to what they share.
        await forcing.StepAsync([SequenceOperation.Open(50, 91)], [(50, 0, Tokens.AsMemory(0, 41))], Cancellation);
        var forked = await forcing.StepAsync(
            [SequenceOperation.Fork(51, 50, 41, 91)],
            [(50, 41, new int[] { 9, 9, 9 }), (51, 41, Tokens.AsMemory(41))],
            Cancellation);
        AssertClose(expected[41..], forked[3..], kvType);
        var truncated = await forcing.StepAsync([SequenceOperation.Truncate(50, 41)], [(50, 41, Tokens.AsMemory(41, 20))], Cancellation);
        AssertClose(expected[41..61], truncated, kvType);
        AssertClose(expected[45..61], await forcing.StepAsync([], [(50, 45, Tokens.AsMemory(45, 16))], Cancellation), kvType);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Any_split_gives_the_bits_of_one_stage(string model, KvType kvType)
    {
        using var device = TestDevices.Open(DeviceKind.TorchCpu);
        await using var whole = TinyModels.Open(device, model, kvType);
        await using var split = TinyModels.Open(device, model, kvType, [1, TinyModels.LayerCount - 2, 1]);
        var expected = await whole.ComputeLogitsAsync(Tokens, 40, Cancellation);
        var found = await split.ComputeLogitsAsync(Tokens, 40, Cancellation);
        Assert.Equal(expected, found);
    }

    [Fact]
    public async Task Many_steps_and_closed_models_leave_no_tensor()
    {
        using var device = TestDevices.Open(DeviceKind.TorchCpu);
        var before = torch.Tensor.TotalCount;
        await using (var forcing = TinyModels.Open(device, "qwen2, biases, Q8_0", KvType.F16))
        {
            await forcing.ComputeLogitsAsync(Tokens, 10, Cancellation);
            var warm = torch.Tensor.TotalCount;
            for (var i = 0; i < 20; i++)
            {
                await forcing.ComputeLogitsAsync(Tokens, 10, Cancellation);
                await Assert.ThrowsAsync<EngineException>(
                    () => forcing.StepAsync([SequenceOperation.Truncate(12345, 0)], [], Cancellation));
            }

            Assert.Equal(warm, torch.Tensor.TotalCount);
            Assert.True(warm > before);
        }

        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Fact]
    public void A_failed_load_leaves_no_tensor()
    {
        using var device = TestDevices.Open(DeviceKind.TorchCpu);
        using var folder = new TemporaryFolder();
        ModelGenerator.Write(folder.File("model.gguf"), ModelPresets.Tiny with { KvHeadCount = 4, HeadSize = 8192 });
        using var file = GgufFile.Open(folder.File("model.gguf"));
        var weights = new ModelWeights(file);
        var before = torch.Tensor.TotalCount;

        // 2^30 tokens of 2^17 bytes: more than there are addresses, so libtorch refuses, with the layer's weights in place.
        var huge = new KvCacheOptions { Type = KvType.F32, CapacityTokens = 1 << 30, BlockLength = 1 << 30 };
        var exception = Assert.Throws<EngineException>(() => device.CreateStage(weights, new LayerRange(0, 1), huge));
        Assert.Equal("torch_failed", exception.Code);
        Assert.DoesNotContain('\n', exception.Message);
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Fact]
    public void Refuses_keys_and_values_of_8_bits()
    {
        using var device = TestDevices.Open(DeviceKind.TorchCpu);
        using var file = GgufFile.Open(TinyModels.PathOf(TinyModels.Names.First()));
        var before = torch.Tensor.TotalCount;
        var exception = Assert.Throws<EngineException>(
            () => device.CreateStage(new ModelWeights(file), new LayerRange(0, 1), new KvCacheOptions { Type = KvType.Q8_0 }));
        Assert.Equal("invalid_value", exception.Code);
        Assert.Contains("not as Q8_0", exception.Message, StringComparison.Ordinal);
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    private static void AssertClose(float[][] expected, float[][] found, KvType kvType)
    {
        Assert.Equal(expected.Length, found.Length);
        var tolerance = kvType == KvType.F32 ? Tolerance : HalfTolerance;
        for (var i = 0; i < expected.Length; i++)
        {
            var differences = expected[i].Zip(found[i], (x, y) => Math.Abs(x - y)).ToArray();
            Assert.True(
                differences.All(difference => difference <= tolerance),
                $"logits of token {i} differ by {differences.Max()}; allowed is {tolerance}");
        }
    }
}
