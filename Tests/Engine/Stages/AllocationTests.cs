using ManagedSwarm.Engine.Devices;
using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Gguf;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Engine.Stages;

/// <summary>A warm stage and a warm head allocate nothing managed: neither for a chunk of a prompt nor for a token.</summary>
public sealed class AllocationTests
{
    private const int Prompt = 80;
    private const int Decoded = 8;

    // The test's runner has threads of its own, which may allocate at any time: what a step allocates, it does in each round.
    private const int Rounds = 20;

    [Fact]
    public async Task A_warm_stage_and_head_allocate_nothing()
    {
        if (!ChildTest.IsChild)
        {
            await ChildTest.RunAgainAsync(typeof(AllocationTests));
            return;
        }

        foreach (var kernels in Enum.GetValues<KernelKind>())
        {
            foreach (var type in Enum.GetValues<KvType>())
            {
                foreach (var threads in (int[])[1, 2])
                {
                    using var device = new CpuDevice(threads, kernels);
                    foreach (var model in TinyModels.Names)
                    {
                        Assert.Equal((kernels, model, type, threads, 0L), (kernels, model, type, threads, await MeasureAsync(device, model, type)));
                    }
                }
            }
        }
    }

    /// <summary>The fewest bytes that a round allocates.</summary>
    private static async Task<long> MeasureAsync(CpuDevice device, string model, KvType type)
    {
        using var file = GgufFile.Open(TinyModels.PathOf(model));
        var weights = new ModelWeights(file);
        var layers = new LayerRange(0, TinyModels.LayerCount);
        await using var stage = device.CreateStage(weights, layers, new KvCacheOptions { Type = type, CapacityTokens = 512 });
        using var head = device.CreateHead(weights);
        var (size, fewest) = (weights.Config.HiddenSize, long.MaxValue);
        var logits = new float[2 * weights.Config.VocabularySize];
        using var batch = new StepBatch(0, 0, [SequenceOperation.Open(1, 200), SequenceOperation.Open(2, 200)], [], size);
        await stage.StepAsync(batch, default);
        for (var round = 0; round < Rounds; round++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            await RunRoundAsync(stage, batch, head, logits);
            fewest = Math.Min(fewest, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        return fewest;
    }

    /// <summary>The prompts of two sequences, then some tokens of each.</summary>
    private static async ValueTask RunRoundAsync(IStage stage, StepBatch batch, IHead head, float[] logits)
    {
        for (var step = 0; step <= Decoded; step++)
        {
            var (first, count) = step == 0 ? (0, Prompt) : (Prompt + step - 1, 1);
            batch.Reset(step, 0, [], [new Segment(1, first, count), new Segment(2, first, count)]);
            batch.Hidden.Span.Fill(0.25f);
            Assert.Same(batch, await stage.StepAsync(batch, default));
            head.ComputeLogits(batch.Hidden.Span[..(2 * batch.HiddenSize)], logits);
        }
    }
}
