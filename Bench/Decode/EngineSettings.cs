using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;

namespace ManagedSwarm.Bench.Decode;

/// <summary>How the engine is set up for a measurement.</summary>
/// <param name="Threads">Compute threads.</param>
/// <param name="Kernels">Which managed kernels.</param>
/// <param name="KvType">How keys and values are kept.</param>
internal sealed record EngineSettings(int Threads, KernelKind Kernels, KvType KvType)
{
    /// <summary>The same for a model with scheduler and sampling.</summary>
    /// <param name="sequences">Sequences that have room at once.</param>
    /// <param name="context">Tokens of each.</param>
    public ModelOptions ModelOptions(int sequences, int context) => new()
    {
        Threads = Threads,
        Kernels = Kernels,
        KvType = KvType,
        ParallelSequences = sequences,
        ContextLength = context,
    };

    public override string ToString() => $"{Threads} threads, {Name(Kernels)} kernels, {Name(KvType)} KV cache";

    private static string Name(Enum value) => value.ToString().ToLowerInvariant();
}
