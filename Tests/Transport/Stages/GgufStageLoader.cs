using ManagedSwarm.Engine.Devices;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Gguf;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Stages;

namespace ManagedSwarm.Tests.Transport.Stages;

/// <summary>Makes stages of a model file that is at hand.</summary>
internal sealed class GgufStageLoader(string path, IDevice device) : IStageLoader
{
    public StageNeed Examine(StageOffer offer)
    {
        using var file = GgufFile.Open(path);
        var config = ModelConfig.FromMetadata(file.Metadata);
        var bytes = StageMemory.BytesFor(
            config, file.Tensors, offer.Layers, offer.KvCache, DeviceKind.Cpu, offer.Kernels, offer.TokensPerStep);
        return new StageNeed(bytes, config.HiddenSize);
    }

    public Task<LoadedStage> LoadAsync(StageOffer offer, IProgress<StageProgress> progress, CancellationToken cancellationToken)
    {
        var file = GgufFile.Open(path);
        var stage = device.CreateStage(new ModelWeights(file), offer.Layers, offer.KvCache);
        return Task.FromResult(new LoadedStage(stage, NumericIdentity.Of(device, offer.KvCache.Type, offer.Wire), TimeSpan.Zero, file));
    }

    public Task<IDisposable?> FetchAsync(StageOffer offer, IProgress<StageProgress> progress, CancellationToken cancellationToken) =>
        Task.FromResult<IDisposable?>(null);
}
