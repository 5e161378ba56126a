using ManagedSwarm.Engine.Devices;
using ManagedSwarm.Engine.Devices.Torch;
using ManagedSwarm.Engine.Kernels;
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
    /// <summary>The context that is taken where neither the user nor the file asks for less.</summary>
    public const int DefaultContextLength = 4096;

    public DeviceKind Device { get; init; } = DeviceKind.Cpu;

    /// <summary>Compute threads; 0: one per core.</summary>
    public int Threads { get; init; }

    /// <summary>Which managed kernels, where the device is the CPU.</summary>
    public KernelKind Kernels { get; init; } = KernelKind.Fast;

    /// <summary>Tokens of context per request; 0: what the file says, at most <see cref="DefaultContextLength"/>.</summary>
    public int ContextLength { get; init; }

    /// <summary>How keys and values are kept.</summary>
    public KvType KvType { get; init; } = KvType.F16;

    /// <summary>Sequences that may be in flight at once at full context.</summary>
    public int ParallelSequences { get; init; } = 4;

    /// <summary>Requests that may wait; one more is refused.</summary>
    public int QueueLength { get; init; } = 64;

    /// <summary>Whether what requests have computed is kept for others that begin alike, as long as nobody needs the room.</summary>
    public bool PrefixCache { get; init; } = true;

    /// <summary>A chat template (Jinja) instead of the file's own.</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>Bytes that weights and KV cache may take together.</summary>
    public long MemoryLimit { get; init; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    internal int ContextFor(ModelConfig config) =>
        ContextLength > 0 ? ContextLength : Math.Min(config.ContextLength, DefaultContextLength);

    /// <summary>Room for every parallel sequence at full context, in whole blocks.</summary>
    /// <exception cref="EngineException"><c>invalid_value</c>: that is no number of tokens that can be.</exception>
    internal KvCacheOptions KvCacheFor(ModelConfig config)
    {
        var options = new KvCacheOptions { Type = KvType };
        var blocks = ((long)ContextFor(config) + options.BlockLength - 1) / options.BlockLength;
        var tokens = (Int128)blocks * options.BlockLength * ParallelSequences;
        if (ContextLength < 0 || tokens < 1 || tokens > int.MaxValue)
        {
            throw new EngineException(
                "invalid_value",
                $"{ParallelSequences} sequences of {(ContextLength < 0 ? ContextLength : ContextFor(config))} tokens of context cannot be kept; "
                + $"allowed are 1 to {int.MaxValue} tokens in all");
        }

        return options with { CapacityTokens = (int)tokens };
    }

    /// <summary>Makes the device, which is the caller's.</summary>
    /// <exception cref="EngineException"><c>torch_unavailable</c></exception>
    public IDevice CreateDevice() => Device == DeviceKind.Cpu ? new CpuDevice(Threads, Kernels) : new TorchDevice(Device, Threads);
}
