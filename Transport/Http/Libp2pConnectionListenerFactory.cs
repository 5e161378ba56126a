using System.Net;
using ManagedSwarm.Transport.Libp2p;
using Microsoft.AspNetCore.Connections;

namespace ManagedSwarm.Transport.Http;

/// <summary>
/// Lets a server that takes <see cref="IConnectionListenerFactory"/>s, which Kestrel does, listen on a <see cref="Libp2pEndPoint"/>; other
/// end points are left to other factories.
/// </summary>
/// <param name="source">Where the streams come from.</param>
/// <param name="options">How the connections behave; null: the defaults.</param>
public sealed class Libp2pConnectionListenerFactory(IStreamListenerSource source, Libp2pConnectionOptions? options = null)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly Libp2pConnectionOptions _options = options ?? new();

    public bool CanBind(EndPoint endpoint) => endpoint is Libp2pEndPoint { Peer: null };

    /// <exception cref="SwarmException"><c>protocol_taken</c></exception>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var local = endpoint as Libp2pEndPoint
            ?? throw new ArgumentException($"found is the end point {endpoint}; expected is a {nameof(Libp2pEndPoint)}", nameof(endpoint));
        return new(new Libp2pConnectionListener(source.Listen(local.ProtocolId), local, _options));
    }
}
