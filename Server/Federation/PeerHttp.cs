using System.Net;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Http;

namespace ManagedSwarm.Server.Federation;

/// <summary>HTTP to instances, over streams of whichever swarm this node is in. It follows no redirects and keeps no cookies.</summary>
internal sealed class PeerHttp(SwarmService swarm, RouterOptions options) : HttpMessageInvoker(CreateHandler(swarm, options))
{
    private static SocketsHttpHandler CreateHandler(SwarmService swarm, RouterOptions options)
    {
        var handler = Libp2pConnect.CreateHandler(
            (peer, name, cancellationToken) => swarm is { Current: { } joined, Keys: { } keys }
                ? joined.Peer.OpenStreamAsync(peer, keys.ProtocolId(name), cancellationToken)
                : throw new SwarmException("p2p_off", "this node is in no swarm"),
            PeerRequest.Protocol);
        handler.ConnectTimeout = options.ConnectTimeout;
        handler.AllowAutoRedirect = false;
        handler.UseCookies = false;
        handler.AutomaticDecompression = DecompressionMethods.None;
        handler.ActivityHeadersPropagator = null;
        return handler;
    }
}
