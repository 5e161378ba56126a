using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Stages;

namespace ManagedSwarm.Tests.Transport.Stages;

/// <summary>Makes stages that compute what a test says.</summary>
internal sealed class ScriptedLoader : IStageLoader
{
    private int _kept;

    public Action<StepBatch, CancellationToken> Compute { get; init; } = ScriptedStage.AddOne;

    public long Memory { get; init; } = 600;

    public NumericIdentity Numerics { get; init; } = new(1, "cpu-x64", "f16", "f32");

    /// <summary>Waited for within each load.</summary>
    public Task Gate { get; init; } = Task.CompletedTask;

    public SwarmException? Refusal { get; init; }

    public SwarmException? Failure { get; init; }

    /// <summary>Offers that it was asked about.</summary>
    public int Examined { get; private set; }

    public List<ScriptedStage> Stages { get; } = [];

    /// <summary>Weights that were fetched, and not let go of.</summary>
    public int Kept => Volatile.Read(ref _kept);

    public StageNeed Examine(StageOffer offer)
    {
        Examined++;
        return Refusal is null ? new StageNeed(Memory, offer.HiddenSize) : throw Refusal;
    }

    public long MemoryFor(StageOffer offer, LayerRange layers) => throw new NotSupportedException();

    public async Task<LoadedStage> LoadAsync(StageOffer offer, IProgress<StageProgress> progress, CancellationToken cancellationToken)
    {
        progress.Report(new StageProgress(StageState.Fetching, 1, 3, 9));
        progress.Report(new StageProgress(StageState.Loading, 2, 3));
        await Gate.WaitAsync(cancellationToken);
        if (Failure is not null)
        {
            throw Failure;
        }

        Stages.Add(new ScriptedStage(offer.Layers, Compute));
        return new LoadedStage(Stages[^1], Numerics, TimeSpan.FromMicroseconds(5));
    }

    public async Task<IDisposable?> FetchAsync(StageOffer offer, IProgress<StageProgress> progress, CancellationToken cancellationToken)
    {
        progress.Report(new StageProgress(StageState.Fetching, 1, 3, 9));
        await Gate.WaitAsync(cancellationToken);
        if (Failure is not null)
        {
            throw Failure;
        }

        Interlocked.Increment(ref _kept);
        return new Weights(this);
    }

    private sealed class Weights(ScriptedLoader loader) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref loader._kept);
    }
}
