using ManagedSwarm.Engine.Kernels.Reference;
using ManagedSwarm.Engine.Model;

namespace ManagedSwarm.Engine.Kernels;

/// <summary>Kernels that belong together: how matrices are kept, multiplied, and attention is computed. Each keeps the determinism contract.</summary>
internal abstract unsafe class KernelSet(ComputeThreads threads)
{
    /// <summary>Who computes.</summary>
    public ComputeThreads Threads { get; } = threads;

    /// <exception cref="EngineException"><c>invalid_value</c></exception>
    public static KernelSet Create(KernelKind kind, ComputeThreads threads) => kind switch
    {
        KernelKind.Reference => new ReferenceKernels(threads),
        KernelKind.Fast => new Packed.FastKernels(threads),
        _ => throw new EngineException("invalid_value", $"there are no kernels {(int)kind}"),
    };

    /// <summary>A matrix of the file in the form that these kernels compute with; whoever asks for it disposes it.</summary>
    public abstract Matrix Prepare(WeightMatrix source);

    /// <summary>Multiplies all matrices with the same inputs: (count, columns).</summary>
    public abstract void Multiply(float* inputs, int count, ReadOnlySpan<Product> products);

    public abstract IAttention CreateAttention(ModelConfig config, KvCache cache);
}
