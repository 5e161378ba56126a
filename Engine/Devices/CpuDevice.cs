using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Engine.Devices;

/// <summary>This machine's CPU, by managed kernels. Batch-invariant: see the determinism contract.</summary>
/// <param name="threads">Compute threads; 0: one per core.</param>
public sealed class CpuDevice(int threads = 0) : IDevice
{
    private readonly ComputeThreads _threads = new(threads);

    public string Kind => "cpu";

    public bool IsBatchInvariant => true;

    public IStage CreateStage(ModelWeights weights, LayerRange layers, KvCacheOptions kvCache) => new LocalStage(weights, layers, kvCache, _threads);

    public IHead CreateHead(ModelWeights weights) => new CpuHead(weights, _threads);

    public void Dispose()
    {
    }
}
