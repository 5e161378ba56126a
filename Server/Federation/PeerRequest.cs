using ManagedSwarm.Transport.Http;
using ManagedSwarm.Transport.Libp2p;
using Microsoft.AspNetCore.Connections.Features;

namespace ManagedSwarm.Server.Federation;

/// <summary>Requests of other members, which come over their streams and not by the port.</summary>
internal static class PeerRequest
{
    /// <summary>The name of the protocol in which members ask each other for replies.</summary>
    public const string Protocol = "http/1.0.0";

    /// <summary>Who asks, as its handshake proved; null: the request came by the port.</summary>
    public static PeerId? PeerOf(HttpContext http) => (http.Features.Get<IConnectionEndPointFeature>()?.RemoteEndPoint as Libp2pEndPoint)?.Peer;
}
