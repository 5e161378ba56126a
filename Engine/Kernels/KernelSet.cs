using ManagedSwarm.Engine.Kernels.Reference;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Engine.Kernels;

/// <summary>Kernels that belong together: how matrices are kept, multiplied, and attention is computed. Each keeps the determinism contract.</summary>
internal abstract unsafe class KernelSet(ComputeThreads threads) : IDisposable
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

    /// <summary>The bytes of the copy that kernels make of a matrix; 0 where they compute with the file's pages.</summary>
    public static long CopyBytes(KernelKind kind, TensorInfo matrix) => kind switch
    {
        KernelKind.Fast => Packed.PackedMatrix.BytesOf(matrix),
        _ => 0,
    };

    /// <summary>
    /// Brings a matrix into memory, in the form that these kernels compute with; whoever asks for it disposes it. What this reads of the file
    /// is told to <paramref name="monitor"/>, whose token ends it.
    /// </summary>
    /// <exception cref="EngineException"><c>out_of_memory</c>, <c>unsupported_type</c>; <c>invalid_model</c>: a weight is NaN or infinite.</exception>
    /// <exception cref="GgufFormatException">The file was cut.</exception>
    /// <exception cref="OperationCanceledException">The load was cancelled.</exception>
    public abstract Matrix Prepare(WeightMatrix source, LoadMonitor monitor);

    /// <summary>Multiplies all matrices with the same inputs: (count, columns).</summary>
    public abstract void Multiply(float* inputs, int count, ReadOnlySpan<Product> products);

    public abstract IAttention CreateAttention(ModelConfig config, KvCache cache);

    /// <summary>Ends the threads; matrices belong to whoever asked for them.</summary>
    public virtual void Dispose() => Threads.Dispose();
}
