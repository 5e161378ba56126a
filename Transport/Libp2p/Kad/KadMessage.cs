namespace ManagedSwarm.Transport.Libp2p.Kad;

/// <summary>A request, or the answer to one; the answer has the request's type.</summary>
internal sealed record KadMessage
{
    public required KadMessageType Type { get; init; }

    /// <summary>What it is about: a peer's id, or a multihash that peers provide; empty in many answers.</summary>
    public ReadOnlyMemory<byte> Key { get; init; }

    /// <summary>Peers that are closer to the key.</summary>
    public IReadOnlyList<KadPeer> CloserPeers { get; init; } = [];

    /// <summary>Peers that provide the key.</summary>
    public IReadOnlyList<KadPeer> ProviderPeers { get; init; } = [];
}
