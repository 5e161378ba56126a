using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Streams;

namespace ManagedSwarm.Transport.Http;

/// <summary>Opens a stream to a peer.</summary>
/// <param name="host">The URI's host name, in lower case; see <see cref="PeerHost"/>.</param>
/// <param name="protocolId">The protocol to open the stream with.</param>
/// <param name="cancellationToken">Stops waiting.</param>
/// <returns>A stream that is the caller's.</returns>
/// <exception cref="SwarmException">The peer is not known, not reachable, or refuses.</exception>
public delegate ValueTask<IMuxStream> StreamDialer(string host, string protocolId, CancellationToken cancellationToken);

/// <summary>
/// Lets an HttpClient reach peers: <c>http://k51….peer/</c> goes over a libp2p stream, and one stream carries request after request. A request
/// that is cancelled resets its stream, which the server hears at once. HTTP/1.1 without TLS: the connection is secure already.
/// </summary>
public static class Libp2pConnect
{
    /// <summary>A <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    /// <param name="dial">Opens the streams; what it throws is inside of the HttpRequestException.</param>
    /// <param name="protocolId">For example <c>/managedswarm/0123456789abcdef/http/1.0.0</c>.</param>
    public static Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>> Create(StreamDialer dial, string protocolId) =>
        async (context, cancellationToken) => (await dial(context.DnsEndPoint.Host, protocolId, cancellationToken)).AsStream();

    /// <summary>A handler that reaches peers only; no proxy of the environment comes in between.</summary>
    /// <inheritdoc cref="Create"/>
    public static SocketsHttpHandler CreateHandler(StreamDialer dial, string protocolId) =>
        new() { ConnectCallback = Create(dial, protocolId), UseProxy = false };
}
