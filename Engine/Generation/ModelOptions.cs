using ManagedSwarm.Engine.Model;

namespace ManagedSwarm.Engine.Generation;

/// <summary>Which device computes.</summary>
public enum DeviceKind
{
    /// <summary>Managed kernels.</summary>
    Cpu = 0,

    /// <summary>libtorch on the CPU: the numeric oracle.</summary>
    TorchCpu = 1,

    /// <summary>libtorch on a GPU.</summary>
    Cuda = 2,
}

/// <summary>How a model is loaded and run.</summary>
public sealed record ModelOptions
{
    public DeviceKind Device { get; init; } = DeviceKind.Cpu;

    /// <summary>Compute threads; 0: one per core.</summary>
    public int Threads { get; init; }

    /// <summary>Tokens of context per sequence; 0: what the file says, at most 4096.</summary>
    public int ContextLength { get; init; }

    /// <summary>How keys and values are kept.</summary>
    public KvType KvType { get; init; } = KvType.F16;

    /// <summary>Sequences that may be in flight at once at full context.</summary>
    public int ParallelSequences { get; init; } = 4;

    /// <summary>Requests that may wait; one more is refused.</summary>
    public int QueueLength { get; init; } = 64;
}
