namespace ManagedSwarm.Transport.Libp2p;

/// <summary>This process as a peer among others: listens, dials, and opens streams to others. Safe for use by many threads.</summary>
public interface ILocalPeer : IStreamListenerSource, IAsyncDisposable
{
    /// <summary>A session with a peer begins; there is no other one with it. Called by any thread; must not throw, and not wait.</summary>
    event Action<ISession>? Connected;

    /// <summary>A session is over, and why. Called by any thread; must not throw, and not wait.</summary>
    event Action<ISession, SwarmException>? Disconnected;

    /// <summary>Who this is.</summary>
    PeerId PeerId { get; }

    /// <summary>Where others can reach this peer: real ports, one address for each interface, with <c>/p2p/ID</c> at the end.</summary>
    IReadOnlyList<Multiaddress> ListenAddresses { get; }

    /// <summary>One for each peer that there is a connection with.</summary>
    IReadOnlyCollection<ISession> Sessions { get; }

    /// <summary>What is known about other peers.</summary>
    PeerStore PeerStore { get; }

    /// <summary>Begins to listen, and to serve identify and ping to those who connect.</summary>
    /// <param name="addresses">IP addresses and TCP ports; port 0 takes a free one. Null: those of the options.</param>
    /// <param name="cancellationToken">Not to begin at all.</param>
    /// <exception cref="SwarmException"><c>invalid_address</c>, <c>listen_failed</c>; then on none of them.</exception>
    Task StartListenAsync(IReadOnlyList<Multiaddress>? addresses = null, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="DialAsync(IReadOnlyList{Multiaddress}, CancellationToken)"/>
    ValueTask<ISession> DialAsync(Multiaddress address, CancellationToken cancellationToken = default);

    /// <summary>Connects to a peer, by the first of its addresses that works, unless there is a session with it.</summary>
    /// <param name="addresses">Of one peer. Where they end with <c>/p2p/ID</c>, nobody else will do.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SwarmException">
    /// <c>unreachable</c>; <c>handshake_failed</c>: among others where it is in another swarm; <c>handshake_timeout</c>; <c>wrong_peer</c>;
    /// <c>dialed_self</c>; <c>too_many_connections</c>; <c>invalid_address</c>; <c>session_closed</c>: this peer is disposed.
    /// </exception>
    ValueTask<ISession> DialAsync(IReadOnlyList<Multiaddress> addresses, CancellationToken cancellationToken = default);

    /// <summary>Connects to a peer by the addresses that are known, unless there is a session with it.</summary>
    /// <exception cref="SwarmException"><c>unknown_peer</c>: none is known; and as with addresses.</exception>
    ValueTask<ISession> DialAsync(PeerId peer, CancellationToken cancellationToken = default);

    /// <summary>Opens a stream to a peer, and connects to it where there is no session with it.</summary>
    /// <exception cref="SwarmException">As with <see cref="DialAsync(PeerId, CancellationToken)"/> and <see cref="ISession.OpenStreamAsync"/>.</exception>
    ValueTask<IMuxStream> OpenStreamAsync(PeerId peer, string protocolId, CancellationToken cancellationToken = default);

    /// <summary>Sends 32 bytes to a peer and waits until it has sent them back.</summary>
    /// <returns>How long that took.</returns>
    /// <exception cref="SwarmException">
    /// <c>ping_failed</c>: no answer in time, or a wrong one; and as with <see cref="OpenStreamAsync"/>.
    /// </exception>
    ValueTask<TimeSpan> PingAsync(PeerId peer, CancellationToken cancellationToken = default);
}
