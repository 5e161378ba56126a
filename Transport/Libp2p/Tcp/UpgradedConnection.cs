namespace ManagedSwarm.Transport.Libp2p.Tcp;

/// <summary>A connection that is ready for its multiplexer.</summary>
/// <param name="Channel">Carries the multiplexer's messages; belongs to whoever has this.</param>
/// <param name="RemotePeer">Who is at the other end, as it has proved.</param>
/// <param name="RemoteAddress">Where it is.</param>
/// <param name="Muxer">The multiplexer that was agreed on, for example <c>/yamux/1.0.0</c>.</param>
/// <param name="IsDialer">Whether this side dialed; multiplexers number their streams by it.</param>
internal sealed record UpgradedConnection(
    IMessageChannel Channel,
    PeerId RemotePeer,
    Multiaddress RemoteAddress,
    string Muxer,
    bool IsDialer);
