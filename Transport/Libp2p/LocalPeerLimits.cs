namespace ManagedSwarm.Transport.Libp2p;

/// <summary>How much a local peer takes on.</summary>
public sealed record LocalPeerLimits
{
    /// <summary>Connections in all, those in their handshakes included.</summary>
    public int Connections { get; init; } = 512;

    /// <summary>Connections that come from one IPv4 address, or from one IPv6 network of 64 bits. A household or an office has one.</summary>
    public int ConnectionsPerAddress { get; init; } = 128;

    /// <summary>Connections of one listening address that may be in their handshakes at once. More wait in the system's queue.</summary>
    public int Handshakes { get; init; } = 64;

    /// <summary>Streams of one connection whose protocols are being agreed on. More wait in the multiplexer's queue.</summary>
    public int Negotiations { get; init; } = 64;

    /// <summary>Streams of one protocol that wait to be accepted; one more is reset.</summary>
    public int WaitingStreams { get; init; } = 1024;

    /// <summary>Peers that are remembered; one more, and the one that was heard of least recently is forgotten.</summary>
    public int KnownPeers { get; init; } = 1024;
}
