using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Engine.Devices;

/// <summary>This machine's CPU, by managed kernels. Batch-invariant: see the determinism contract.</summary>
/// <param name="threads">Compute threads; 0: one per core.</param>
/// <param name="kernels">Which of the kernels.</param>
public sealed class CpuDevice(int threads = 0, KernelKind kernels = KernelKind.Fast) : IDevice
{
    private readonly KernelSet _kernels = KernelSet.Create(kernels, new ComputeThreads(threads));

    public string Kind => "cpu";

    public bool IsBatchInvariant => true;

    public IStage CreateStage(ModelWeights weights, LayerRange layers, KvCacheOptions kvCache, LoadMonitor? monitor = null) =>
        new LocalStage(weights, layers, kvCache, _kernels, monitor ?? LoadMonitor.Silent);

    public IHead CreateHead(ModelWeights weights, LoadMonitor? monitor = null) => new CpuHead(weights, _kernels, monitor ?? LoadMonitor.Silent);

    public void Dispose() => _kernels.Dispose();
}
