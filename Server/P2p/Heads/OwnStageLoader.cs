using ManagedSwarm.Engine.Devices;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Stages;
using ManagedSwarm.Transport.Weights;

namespace ManagedSwarm.Server.P2p.Heads;

/// <summary>Makes stages of the head's own model, for the head itself: where a worker is lost, it may have to take the layers.</summary>
/// <param name="request">What stages are made from.</param>
/// <param name="device">Of this node.</param>
/// <param name="hash">The model's identity.</param>
internal sealed class OwnStageLoader(StageRequest request, IDevice device, string hash) : IStageLoader
{
    public StageNeed Examine(StageOffer offer)
    {
        var config = request.Weights.Config;
        if (offer.ModelHash != hash || offer.LayerCount != config.LayerCount)
        {
            throw new SwarmException("invalid_offer", $"this node has layers of its own model only, '{request.File.ModelName}'");
        }

        return new StageNeed(MemoryFor(offer, offer.Layers), config.HiddenSize);
    }

    public long MemoryFor(StageOffer offer, LayerRange layers) => StageMemory.BytesFor(
        request.Weights.Config, request.File.Tensors, layers, offer.KvCache, request.Options.Device, offer.Kernels, offer.TokensPerStep);

    public Task<LoadedStage> LoadAsync(StageOffer offer, IProgress<StageProgress> progress, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            var bytes = StageTensors.Of(request.File, offer.Layers).Sum(tensor => tensor.ByteLength);
            var monitor = new LoadMonitor(bytes, new Relay(progress), cancellationToken);
            var stage = device.CreateStage(request.Weights, offer.Layers, offer.KvCache, monitor);
            return new LoadedStage(stage, NumericIdentity.Of(device, offer.KvCache.Type, offer.Wire), TimeSpan.Zero);
        },
        cancellationToken);

    /// <summary>The file is here.</summary>
    public Task<IDisposable?> FetchAsync(StageOffer offer, IProgress<StageProgress> progress, CancellationToken cancellationToken) =>
        Task.FromResult<IDisposable?>(null);

    private sealed class Relay(IProgress<StageProgress> progress) : IProgress<LoadProgress>
    {
        public void Report(LoadProgress value) => progress.Report(new(StageState.Loading, value.BytesDone, value.BytesTotal));
    }
}
