using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Streams;

namespace ManagedSwarm.Transport.Http;

/// <summary>
/// Lets an HttpClient reach peers: <c>http://k51….peer/</c> goes over a libp2p stream, and one stream carries request after request. A
/// request that is cancelled resets its stream, which the server hears at once. HTTP/1.1 without TLS: the connection is secure already.
/// </summary>
public static class Libp2pConnect
{
    /// <summary>A <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    /// <param name="dial">Opens the streams. What it throws is inside of the HttpRequestException, as is <c>invalid_peer_host</c>.</param>
    /// <param name="protocolId">For example <c>/managedswarm/0123456789abcdef/http/1.0.0</c>.</param>
    public static Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>> Create(StreamDialer dial, string protocolId) =>
        async (context, cancellationToken) => (await dial(PeerOf(context.DnsEndPoint.Host), protocolId, cancellationToken)).AsStream();

    /// <summary>A handler that reaches peers only; no proxy of the environment comes in between.</summary>
    /// <inheritdoc cref="Create"/>
    public static SocketsHttpHandler CreateHandler(StreamDialer dial, string protocolId) =>
        new() { ConnectCallback = Create(dial, protocolId), UseProxy = false };

    private static PeerId PeerOf(string host) => PeerHost.TryDecode(host, out var peer)
        ? peer
        : throw new SwarmException(
            "invalid_peer_host",
            $"the host \"{host}\" is no peer; expected is a name such as k51qzi5uqu5d…{PeerHost.Suffix}");
}
