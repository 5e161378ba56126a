using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Devices;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Gguf;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Transport.Stages;

namespace ManagedSwarm.Tests.Transport.Stages;

public sealed class StageRehearsalTests
{
    private static readonly StageOffer Offer = SampleOffers.Create(1, 3);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Computes_steps_of_each_width_with_one_layer_and_leaves_nothing()
    {
        using var file = GgufFile.Open(Repository.File("models-test/tiny.gguf"));
        var widths = new List<int>();
        using var device = new Device(batch => widths.Add(batch.TokenCount));
        await StageRehearsal.RunAsync(device, file, Offer, Cancellation);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], widths.Where(width => width < 8).Order());
        Assert.Contains(widths, width => width > 8);
        Assert.Equal(new LayerRange(Offer.Layers.First, 1), device.Stage!.Layers);
        Assert.True(device.Stage.IsDisposed);
        Assert.Equal((Offer.KvCache.Type, widths.Sum()), (device.KvCache!.Type, device.KvCache.CapacityTokens));
    }

    [Fact]
    public async Task What_the_device_cannot_do_is_an_error()
    {
        using var file = GgufFile.Open(Repository.File("models-test/tiny.gguf"));
        using var device = new Device(_ => throw new EngineException("stage_failed", "it cannot"));
        var failed = await Assert.ThrowsAsync<EngineException>(() => StageRehearsal.RunAsync(device, file, Offer, Cancellation));
        Assert.Equal("stage_failed", failed.Code);
        Assert.True(device.Stage!.IsDisposed);
    }

    /// <summary>A device whose stages do what a test says.</summary>
    private sealed class Device(Action<StepBatch> compute) : IDevice
    {
        public string Kind => "scripted";

        public bool IsBatchInvariant => true;

        public ScriptedStage? Stage { get; private set; }

        public KvCacheOptions? KvCache { get; private set; }

        public IStage CreateStage(ModelWeights weights, LayerRange layers, KvCacheOptions kvCache, LoadMonitor? monitor = null)
        {
            KvCache = kvCache;
            return Stage = new ScriptedStage(layers, (batch, _) => compute(batch));
        }

        public IHead CreateHead(ModelWeights weights, LoadMonitor? monitor = null) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
