namespace ManagedSwarm.Transport.Libp2p;

/// <summary>A connection to a peer, secured and multiplexed.</summary>
public interface ISession : IAsyncDisposable
{
    /// <summary>Who is at the other end, as its handshake proved.</summary>
    PeerId RemotePeer { get; }

    /// <summary>Where it is.</summary>
    Multiaddress RemoteAddress { get; }

    /// <summary>Ends when the connection does, never with an exception.</summary>
    Task Closed { get; }

    /// <summary>Opens a stream.</summary>
    /// <param name="protocolId">For example <c>/ipfs/ping/1.0.0</c>.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="SwarmException"><c>protocol_refused</c>, <c>session_closed</c>, <c>too_many_streams</c></exception>
    ValueTask<IMuxStream> OpenStreamAsync(string protocolId, CancellationToken cancellationToken = default);
}
