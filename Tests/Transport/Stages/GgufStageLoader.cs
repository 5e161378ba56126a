using ManagedSwarm.Engine.Devices;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
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
        return new StageNeed(MemoryFor(offer, offer.Layers), ModelConfig.FromMetadata(file.Metadata).HiddenSize);
    }

    public long MemoryFor(StageOffer offer, LayerRange layers)
    {
        using var file = GgufFile.Open(path);
        return StageMemory.BytesFor(
            ModelConfig.FromMetadata(file.Metadata), file.Tensors, layers, offer.KvCache, DeviceKind.Cpu, offer.Kernels, offer.TokensPerStep);
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
