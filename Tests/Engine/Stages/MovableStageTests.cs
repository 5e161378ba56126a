using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Devices;
using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Gguf;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Tests.Transport.Stages;

namespace ManagedSwarm.Tests.Engine.Stages;

/// <summary>A stage that gives layers away, and one that gets them with their keys and values, compute what one stage would. Bit for bit.</summary>
public sealed class MovableStageTests : IDisposable
{
    private const int Seed = 3;
    private const int Steps = 40;

    private readonly CpuDevice _device = new(threads: 2, KernelKind.Fast);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, KvType, bool> Models() => new MatrixTheoryData<string, KvType, bool>(
        TinyModels.Names, Enum.GetValues<KvType>(), [true, false]);

    public void Dispose() => _device.Dispose();

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Layers_go_to_another_stage_between_two_steps(string model, KvType type, bool keepsFirst)
    {
        using var file = GgufFile.Open(TinyModels.PathOf(model));
        var weights = new ModelWeights(file);
        LayerRange whole = new(0, TinyModels.LayerCount), front = new(0, 1), back = new(1, TinyModels.LayerCount - 1);
        await using var expected = Create(weights, whole, type);
        await using var giver = Create(weights, whole, type);
        await using var taker = Create(weights, keepsFirst ? back : front, type);
        var (one, other) = (new StepScript(Seed, weights.Config.HiddenSize), new StepScript(Seed, weights.Config.HiddenSize));
        IMovableStage[] stages = [giver];
        for (var step = 0; step < Steps; step++)
        {
            if (step == Steps / 2)
            {
                Move(giver, taker);
                giver.Keep(keepsFirst ? front : back);
                Assert.Equal(keepsFirst ? front : back, giver.Layers);
                stages = keepsFirst ? [giver, taker] : [taker, giver];
            }

            using var wanted = await expected.StepAsync(one.Next(), Cancellation);
            var found = other.Next();
            foreach (var stage in stages)
            {
                found = await stage.StepAsync(found, Cancellation);
            }

            Assert.True(wanted.Hidden.Span.SequenceEqual(found.Hidden.Span), $"step {step} differs");
            found.Dispose();
        }
    }

    [Fact]
    public async Task Keeps_no_layers_that_it_does_not_have()
    {
        using var file = GgufFile.Open(TinyModels.PathOf(TinyModels.Names.First()));
        await using var stage = Create(new ModelWeights(file), new LayerRange(1, 2), KvType.F16);
        foreach (var layers in (LayerRange[])[new(0, 2), new(2, 2), new(1, 0), new(2, int.MaxValue)])
        {
            Assert.Equal("layer_range", Assert.Throws<EngineException>(() => stage.Keep(layers)).Code);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => stage.ReadBlock(0, 0, new byte[stage.BlockBytes]));
        Assert.Throws<ArgumentOutOfRangeException>(() => stage.WriteBlock(1, 1 << 20, new byte[stage.BlockBytes]));
    }

    private static void Move(IMovableStage from, IMovableStage to)
    {
        var bytes = new byte[from.BlockBytes];
        Assert.Equal(from.BlockBytes, to.BlockBytes);
        Assert.NotEmpty(from.Sequences);
        to.Adopt(from.Sequences);
        for (var layer = to.Layers.First; layer < to.Layers.End; layer++)
        {
            foreach (var block in from.Sequences.SelectMany(sequence => sequence.Blocks))
            {
                from.ReadBlock(layer, block, bytes);
                to.WriteBlock(layer, block, bytes);
            }
        }
    }

    private IMovableStage Create(ModelWeights weights, LayerRange layers, KvType type) => Assert.IsAssignableFrom<IMovableStage>(
        _device.CreateStage(weights, layers, new KvCacheOptions { Type = type, BlockLength = 8, CapacityTokens = 1_024 }));
}
