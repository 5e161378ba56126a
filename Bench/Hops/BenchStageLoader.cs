using System.Globalization;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Stages;
using ManagedSwarm.Transport.Weights;

namespace ManagedSwarm.Bench.Hops;

/// <summary>Makes stages that compute nothing where a model is called so, all others out of weights that it fetches.</summary>
/// <param name="fetcher">Brings the weights. Stays the caller's.</param>
internal sealed class BenchStageLoader(WeightFetcher fetcher) : IStageLoader, IDisposable
{
    private const string Idle = "idle ";

    private readonly WeightStageLoader _weights = new(fetcher, own: null, new ModelOptions { Threads = 1 });

    /// <summary>What a model is called whose stages compute nothing.</summary>
    /// <param name="readBytes">Bytes of memory that they read for each step.</param>
    public static string IdleName(int readBytes) => Idle + readBytes.ToString(CultureInfo.InvariantCulture);

    public StageNeed Examine(StageOffer offer) => IsIdle(offer) ? new StageNeed(1, offer.HiddenSize) : _weights.Examine(offer);

    public long MemoryFor(StageOffer offer, LayerRange layers) => IsIdle(offer) ? 1 : _weights.MemoryFor(offer, layers);

    public Task<LoadedStage> LoadAsync(StageOffer offer, IProgress<StageProgress> progress, CancellationToken cancellationToken) => IsIdle(offer)
        ? Task.FromResult(new LoadedStage(
            new IdleStage(offer.Layers, int.Parse(offer.ModelName[Idle.Length..], CultureInfo.InvariantCulture)),
            new NumericIdentity(1, "none", "none", "none"),
            TimeSpan.Zero))
        : _weights.LoadAsync(offer, progress, cancellationToken);

    public Task<IDisposable?> FetchAsync(StageOffer offer, IProgress<StageProgress> progress, CancellationToken cancellationToken) =>
        IsIdle(offer) ? Task.FromResult<IDisposable?>(null) : _weights.FetchAsync(offer, progress, cancellationToken);

    public void Dispose() => _weights.Dispose();

    private static bool IsIdle(StageOffer offer) => offer.ModelName.StartsWith(Idle, StringComparison.Ordinal);
}
