using ManagedSwarm.Engine.Generation;

namespace ManagedSwarm.Server.P2p.Workers;

/// <summary>What a worker gives to the models of others.</summary>
internal sealed record WorkerSettings
{
    /// <summary>Bytes that all of its stages may take together; null: what is free when one is offered.</summary>
    public long? MemoryLimit { get; init; }

    /// <summary>Compute threads; 0: one per core.</summary>
    public int Threads { get; init; }

    public DeviceKind Device { get; init; } = DeviceKind.Cpu;

    /// <summary>Where weights are kept for the next start.</summary>
    public required string CacheFolder { get; init; }

    /// <summary>Bytes that these may take.</summary>
    public long CacheLimit { get; init; } = long.MaxValue;

    /// <summary>How long a worker that is to leave waits until others have its layers.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>GGUF files of this machine: layers of these models need not be fetched.</summary>
    public IReadOnlyList<string> OwnFiles { get; init; } = [];
}
