using System.Net;
using ManagedSwarm.Transport.Libp2p;
using Microsoft.AspNetCore.Connections;

namespace ManagedSwarm.Transport.Http;

/// <summary>The streams of a protocol that peers open, as connections of a server.</summary>
/// <param name="listener">Is disposed with this one.</param>
/// <param name="endPoint">Where the server listens.</param>
/// <param name="options">How its connections behave.</param>
internal sealed class Libp2pConnectionListener(IStreamListener listener, Libp2pEndPoint endPoint, Libp2pConnectionOptions options)
    : IConnectionListener
{
    public EndPoint EndPoint => endPoint;

    /// <returns>Null: the listener was unbound.</returns>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
        await listener.AcceptAsync(cancellationToken) is { } stream ? new Libp2pConnection(stream, endPoint, options) : null;

    /// <summary>Takes no more streams; the connections live on.</summary>
    public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => listener.DisposeAsync();

    public ValueTask DisposeAsync() => listener.DisposeAsync();
}
