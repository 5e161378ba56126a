using ManagedSwarm.Engine.Model;

namespace ManagedSwarm.Engine.Kernels.Reference;

/// <summary>f32 arithmetic on rows that are dequantized as they are needed: slow, simple, the judge of the fast kernels.</summary>
internal sealed unsafe class ReferenceKernels(ComputeThreads threads) : KernelSet(threads)
{
    public override Matrix Prepare(WeightMatrix source, LoadMonitor monitor)
    {
        source.ReadAhead(monitor);
        return source;
    }

    public override void Multiply(float* inputs, int count, ReadOnlySpan<Product> products)
    {
        foreach (var product in products)
        {
            ReferenceMatrixProduct.Multiply(Threads, (WeightMatrix)product.Matrix, inputs, product.Results, count);
        }
    }

    public override IAttention CreateAttention(ModelConfig config, KvCache cache) => new ReferenceAttention(config, cache, Threads);
}
