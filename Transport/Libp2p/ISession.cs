namespace ManagedSwarm.Transport.Libp2p;

/// <summary>
/// A connection with a peer, secured and multiplexed; the only one, but for moments after both sides have dialed each other. Disposing it
/// disconnects.
/// </summary>
public interface ISession : IAsyncDisposable
{
    /// <summary>Who is at the other end, as its handshake proved.</summary>
    PeerId RemotePeer { get; }

    /// <summary>Where it is.</summary>
    Multiaddress RemoteAddress { get; }

    /// <summary>Ends when the connection does, never with an exception.</summary>
    Task Closed { get; }

    /// <summary>What the peer says about itself. It is asked at once when a session begins; this waits for its answer.</summary>
    /// <exception cref="SwarmException"><c>identify_failed</c>: it says nothing, or nonsense.</exception>
    ValueTask<PeerInfo> IdentifyAsync(CancellationToken cancellationToken = default);

    /// <summary>Opens a stream.</summary>
    /// <param name="protocolId">For example <c>/ipfs/ping/1.0.0</c>.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="SwarmException">
    /// <c>protocol_refused</c>, <c>negotiation_timeout</c>, <c>session_closed</c>, <c>too_many_streams</c>, <c>stream_reset</c>
    /// </exception>
    ValueTask<IMuxStream> OpenStreamAsync(string protocolId, CancellationToken cancellationToken = default);
}
