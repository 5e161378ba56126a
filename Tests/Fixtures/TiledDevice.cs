using ManagedSwarm.Engine.Devices;
using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Kernels.Attention;
using ManagedSwarm.Engine.Kernels.Reference;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Tests.Fixtures;

/// <summary>The reference's matrix products with the tiled attention: what the attention does is seen alone.</summary>
internal sealed class TiledDevice(int threads) : IDevice
{
    private readonly TiledKernels _kernels = new(new ComputeThreads(threads));

    public string Kind => "cpu";

    public bool IsBatchInvariant => true;

    public IStage CreateStage(ModelWeights weights, LayerRange layers, KvCacheOptions kvCache, LoadMonitor? monitor = null) =>
        new LocalStage(weights, layers, kvCache, _kernels, monitor ?? LoadMonitor.Silent);

    public IHead CreateHead(ModelWeights weights, LoadMonitor? monitor = null) => new CpuHead(weights, _kernels, monitor ?? LoadMonitor.Silent);

    public void Dispose() => _kernels.Threads.Dispose();

    private sealed unsafe class TiledKernels(ComputeThreads threads) : KernelSet(threads)
    {
        private readonly ReferenceKernels _matrices = new(threads);

        public override Matrix Prepare(WeightMatrix source, LoadMonitor monitor) => _matrices.Prepare(source, monitor);

        public override void Multiply(float* inputs, int count, ReadOnlySpan<Product> products) => _matrices.Multiply(inputs, count, products);

        public override IAttention CreateAttention(ModelConfig config, KvCache cache) => new TiledAttention(config, cache, Threads);
    }
}
