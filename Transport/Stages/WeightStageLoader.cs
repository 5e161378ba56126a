using ManagedSwarm.Engine.Devices;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Gguf;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Weights;

namespace ManagedSwarm.Transport.Stages;

/// <summary>
/// Makes stages out of weights that it fetches, or of this node's own copy of the model where it has one. All stages share one team of
/// compute threads. Safe for use by many threads.
/// </summary>
/// <param name="fetcher">Brings the weights. Stays the caller's.</param>
/// <param name="own">This node's own model files; null: it has none.</param>
/// <param name="device">Which device, and how many threads.</param>
/// <param name="time">The clock; null: the system's.</param>
public sealed class WeightStageLoader(WeightFetcher fetcher, OwnCopies? own, ModelOptions device, TimeProvider? time = null) : IStageLoader, IDisposable
{
    // Often enough that a head does not take the search in a large file for silence.
    private static readonly TimeSpan SearchReport = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Lock _gate = new();
    private readonly Dictionary<KernelKind, IDevice> _devices = [];

    /// <inheritdoc/>
    public StageNeed Examine(StageOffer offer)
    {
        var manifest = WeightManifest.Read(offer.Manifest);
        var config = ModelConfig.FromMetadata(manifest.Skeleton.Metadata);
        if (manifest.ModelHash != offer.ModelHash || config.LayerCount != offer.LayerCount)
        {
            throw new SwarmException(
                "invalid_offer",
                $"the offer is about a model of {offer.LayerCount} layers with hash {offer.ModelHash}; its manifest about one of {config.LayerCount} "
                + $"with hash {manifest.ModelHash}");
        }

        if (manifest.Skeleton.Tensors.FirstOrDefault(tensor => !StageTensors.IsOf(offer.Layers, tensor.Name)) is { } other)
        {
            // Nobody makes this node fetch what it does not need.
            throw new SwarmException("invalid_offer", $"the manifest has the tensor '{other.Name}', which layers {offer.Layers} do not have");
        }

        return new StageNeed(BytesFor(offer, manifest, config, offer.Layers), config.HiddenSize);
    }

    /// <inheritdoc/>
    public long MemoryFor(StageOffer offer, LayerRange layers)
    {
        var manifest = WeightManifest.Read(offer.Manifest);
        return BytesFor(offer, manifest, ModelConfig.FromMetadata(manifest.Skeleton.Metadata), layers);
    }

    /// <inheritdoc/>
    public async Task<LoadedStage> LoadAsync(StageOffer offer, IProgress<StageProgress> progress, CancellationToken cancellationToken)
    {
        var store = await OpenAsync(offer, progress, cancellationToken);
        try
        {
            return await Task.Run(() => CreateAsync(offer, store, progress, cancellationToken), cancellationToken);
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<IDisposable?> FetchAsync(StageOffer offer, IProgress<StageProgress> progress, CancellationToken cancellationToken)
    {
        var store = await OpenAsync(offer, progress, cancellationToken);
        try
        {
            await Task.Run(() => StageRehearsal.RunAsync(DeviceOf(offer.Kernels), store, offer, cancellationToken), cancellationToken);
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>Ends the threads: when all stages are gone.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var made in _devices.Values)
            {
                made.Dispose();
            }

            _devices.Clear();
        }
    }

    private long BytesFor(StageOffer offer, WeightManifest manifest, ModelConfig config, LayerRange layers)
    {
        var stage = StageMemory.BytesFor(
            config, manifest.Skeleton.Tensors, layers, offer.KvCache, device.Device, offer.Kernels, offer.TokensPerStep);
        var steps = (long)offer.QueuedSteps * offer.TokensPerStep * config.HiddenSize * sizeof(float);
        return stage > long.MaxValue - steps ? long.MaxValue : stage + steps;
    }

    private async Task<ITensorStore> OpenAsync(StageOffer offer, IProgress<StageProgress> progress, CancellationToken cancellationToken)
    {
        var manifest = WeightManifest.Read(offer.Manifest);
        return await FindAsync(manifest, progress, cancellationToken)
            ?? await fetcher.FetchAsync(
                manifest,
                [.. offer.Sources.Select(source => new WeightSource(source.Id, source.Addresses))],
                new Relay<WeightProgress>(done => progress.Report(
                    new(StageState.Fetching, done.BytesDone, done.BytesTotal, (long)Math.Clamp(done.BytesPerSecond, 0, 1e15)))),
                cancellationToken);
    }

    private async Task<ITensorStore?> FindAsync(WeightManifest manifest, IProgress<StageProgress> progress, CancellationToken cancellationToken)
    {
        if (own is null)
        {
            return null;
        }

        var state = new StageProgress(StageState.Fetching, 0, manifest.TotalBytes);
        await using var timer = _time.CreateTimer(_ => progress.Report(state), null, SearchReport, SearchReport);
        return await own.FindAsync(manifest, cancellationToken);
    }

    private async Task<LoadedStage> CreateAsync(
        StageOffer offer, ITensorStore store, IProgress<StageProgress> progress, CancellationToken cancellationToken)
    {
        var made = DeviceOf(offer.Kernels);
        var bytes = store.Tensors.Where(tensor => StageTensors.IsOf(offer.Layers, tensor.Name)).Sum(tensor => tensor.ByteLength);
        var monitor = new LoadMonitor(
            bytes, new Relay<LoadProgress>(done => progress.Report(new(StageState.Loading, done.BytesDone, done.BytesTotal))), cancellationToken);
        var stage = made.CreateStage(new ModelWeights(store), offer.Layers, offer.KvCache, monitor);
        try
        {
            var perLayer = await StageSpeed.MeasureAsync(stage, offer, _time, cancellationToken);
            return new LoadedStage(stage, NumericIdentity.Of(made, offer.KvCache.Type, offer.Wire), perLayer, store);
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    private IDevice DeviceOf(KernelKind kernels)
    {
        lock (_gate)
        {
            if (!_devices.TryGetValue(kernels, out var made))
            {
                made = (device with { Kernels = kernels }).CreateDevice();
                _devices.Add(kernels, made);
            }

            return made;
        }
    }

    /// <summary>Tells in the thread that reports.</summary>
    private sealed class Relay<T>(Action<T> tell) : IProgress<T>
    {
        public void Report(T value) => tell(value);
    }
}
