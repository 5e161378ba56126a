using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Stages;

namespace ManagedSwarm.Tests.Transport.Stages;

/// <summary>Makes stages that answer by all tokens before.</summary>
internal sealed class HistoryLoader : IStageLoader
{
    /// <summary>In the order in which they were loaded.</summary>
    public List<HistoryStage> Stages { get; } = [];

    /// <summary>Told of each stage that is made.</summary>
    public Action<HistoryStage> Made { get; init; } = _ => { };

    public NumericIdentity Numerics { get; init; } = new(1, "cpu-x64", "f16", "f32");

    /// <summary>Waited for within each load.</summary>
    public Func<StageOffer, Task> Gate { get; init; } = _ => Task.CompletedTask;

    public StageNeed Examine(StageOffer offer) => new(100, offer.HiddenSize);

    public long MemoryFor(StageOffer offer, LayerRange layers) => 40;

    public async Task<LoadedStage> LoadAsync(StageOffer offer, IProgress<StageProgress> progress, CancellationToken cancellationToken)
    {
        await Gate(offer).WaitAsync(cancellationToken);
        lock (Stages)
        {
            Stages.Add(new HistoryStage(offer.Layers));
            Made(Stages[^1]);
            return new LoadedStage(Stages[^1], Numerics, TimeSpan.FromMicroseconds(5));
        }
    }

    public Task<IDisposable?> FetchAsync(StageOffer offer, IProgress<StageProgress> progress, CancellationToken cancellationToken) =>
        Task.FromResult<IDisposable?>(null);
}
