using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Devices;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Gguf;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Engine.Generation;

/// <summary>Models whose layers are where somebody else decides.</summary>
public sealed class StageSourceTests
{
    private static readonly string Path = TinyModels.PathOf("qwen2, biases, Q8_0");

    private static readonly LayerRange[] All = [new(0, TinyModels.LayerCount)];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_head_asks_the_source_and_disposes_what_it_makes()
    {
        var source = new SplitSource([new(0, 1)], [new(0, 1), new(1, 3)]);
        var reports = new List<LoadProgress>();
        await using (var model = await LoadAsync(source, progress: new InlineProgress(reports.Add)))
        {
            Assert.Equal(["plan 0..3", "create"], source.Log);
            Assert.Equal(TinyModels.LayerCount, model.Config.LayerCount);
        }

        Assert.True(source.IsDisposed);

        // What others read is not counted here.
        using var file = GgufFile.Open(Path);
        var elsewhere = file.Tensors.Where(tensor => tensor.Name.StartsWith("blk.", StringComparison.Ordinal) && !tensor.Name.StartsWith("blk.0.", StringComparison.Ordinal));
        Assert.Equal(file.Tensors.Sum(tensor => tensor.ByteLength) - elsewhere.Sum(tensor => tensor.ByteLength), reports[0].BytesTotal);
    }

    [Fact]
    public async Task Memory_is_needed_only_for_the_head_and_the_layers_that_are_here()
    {
        using var file = GgufFile.Open(Path);
        var options = new ModelOptions();
        var weights = new ModelWeights(file);
        var need = MemoryNeed.Of(weights, options.KvCacheFor(weights.Config), options.Device, options.Kernels, [new(2, 2)]);
        var limit = need.Weights + need.KvCache;
        var source = new SplitSource([new(2, 2)], [new(0, 2), new(2, 2)]);
        await (await LoadAsync(source, new ModelOptions { MemoryLimit = limit })).DisposeAsync();

        var refused = new SplitSource([new(2, 2)], [new(0, 2), new(2, 2)]);
        var error = await Assert.ThrowsAsync<EngineException>(() => LoadAsync(refused, new ModelOptions { MemoryLimit = limit - 1 }));
        Assert.Equal("out_of_memory", error.Code);
        Assert.Equal(["plan 0..3"], refused.Log);
    }

    [Fact]
    public async Task Stages_that_are_not_the_whole_model_are_refused_and_disposed()
    {
        var source = new SplitSource([], [new(0, 1), new(1, 2)]);
        Assert.Equal("layer_range", (await Assert.ThrowsAsync<EngineException>(() => LoadAsync(source))).Code);
        Assert.True(source.IsDisposed);
    }

    [Fact]
    public async Task What_the_source_throws_ends_the_load()
    {
        var source = new SplitSource([], All) { Error = new EngineException("not_enough_memory", "worker 2 lacks 3 GiB") };
        Assert.Same(source.Error, await Assert.ThrowsAsync<EngineException>(() => LoadAsync(source)));
    }

    private static Task<LanguageModel> LoadAsync(SplitSource source, ModelOptions? options = null, IProgress<LoadProgress>? progress = null) =>
        LanguageModel.LoadAsync(Path, options ?? new(), progress, stages: source, cancellationToken: Cancellation);

    private sealed class SplitSource(LayerRange[] here, LayerRange[] made) : IStageSource
    {
        public List<string> Log { get; } = [];

        public EngineException? Error { get; init; }

        public bool IsDisposed { get; private set; }

        public ValueTask<IReadOnlyList<LayerRange>> PlanAsync(StageRequest request, CancellationToken cancellationToken)
        {
            Log.Add($"plan {new LayerRange(0, request.Weights.Config.LayerCount)}");
            return new(here);
        }

        public async Task<IStage> CreateAsync(StageRequest request, IDevice device, LoadMonitor monitor, CancellationToken cancellationToken)
        {
            Log.Add("create");
            await Task.Yield();
            return Error is { } error
                ? throw error
                : new Watched(this, new Pipeline([.. made.Select(range => device.CreateStage(request.Weights, range, request.KvCache))]));
        }

        private sealed class Watched(SplitSource source, IStage inner) : IStage
        {
            public LayerRange Layers => inner.Layers;

            public int StepsInFlight => inner.StepsInFlight;

            public ValueTask<StepBatch> StepAsync(StepBatch batch, CancellationToken cancellationToken) => inner.StepAsync(batch, cancellationToken);

            public ValueTask DisposeAsync()
            {
                source.IsDisposed = true;
                return inner.DisposeAsync();
            }
        }
    }

    /// <summary>Unlike <see cref="Progress{T}"/>, reports where it is told.</summary>
    private sealed class InlineProgress(Action<LoadProgress> report) : IProgress<LoadProgress>
    {
        public void Report(LoadProgress value) => report(value);
    }
}
