namespace ManagedSwarm.Transport.Libp2p;

/// <summary>How long a local peer waits.</summary>
public sealed record LocalPeerTimeouts
{
    /// <summary>For a TCP connection with one address.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long an address of a peer has before the next is tried beside it; RFC 8305 (section 5) recommends this. Where one fails, the next
    /// is tried at once.
    /// </summary>
    public TimeSpan NextAddress { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>For all handshakes of a connection together.</summary>
    public TimeSpan Handshake { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Until a stream's protocol is agreed on.</summary>
    public TimeSpan Negotiation { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For what a peer says about itself.</summary>
    public TimeSpan Identify { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>For the answer to a ping.</summary>
    public TimeSpan Ping { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a second connection with the same peer is left alone before it is closed, once it has no streams: the other side may just
    /// be opening one, as it does not know yet that another connection has its place.
    /// </summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(5);
}
