namespace ManagedSwarm.Transport.Libp2p;

/// <summary>What a peer says about itself (identify). None of it is proved but that it is the peer that says so.</summary>
public sealed record PeerInfo
{
    public required PeerId PeerId { get; init; }

    /// <summary>Where it says it listens.</summary>
    public IReadOnlyList<Multiaddress> Addresses { get; init; } = [];

    /// <summary>The ids of the protocols that it serves.</summary>
    public IReadOnlyList<string> Protocols { get; init; } = [];

    /// <summary>For example <c>managedswarm/0.1.0</c>; null: it does not say.</summary>
    public string? AgentVersion { get; init; }

    public string? ProtocolVersion { get; init; }

    /// <summary>Where it sees this peer; null: it does not say.</summary>
    public Multiaddress? ObservedAddress { get; init; }
}
