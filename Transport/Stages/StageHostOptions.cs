using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Stages;

/// <summary>What a worker gives away.</summary>
public sealed record StageHostOptions
{
    /// <summary>Bytes that all its stages together may take.</summary>
    public required long MemoryLimit { get; init; }

    /// <summary>Who may ask for layers; null: every member.</summary>
    public PeerId? OnlyHead { get; init; }

    /// <summary>Stages at once.</summary>
    public int MaxStages { get; init; } = 64;

    /// <summary>Offers that are being read and looked at, at once; one more is reset. Each may have a manifest of 8 MiB.</summary>
    public int MaxOffers { get; init; } = 16;
}
