using System.Net;
using System.Net.Sockets;

namespace ManagedSwarm.Transport.Libp2p.Tcp;

/// <summary>Listens on some addresses and hands each accepted socket on.</summary>
internal sealed class TcpAcceptor : IAsyncDisposable
{
    private readonly Func<Socket, CancellationToken, Task> _handle;
    private readonly TcpListenOptions _options;
    private readonly List<AcceptLoop> _loops = [];

    /// <param name="handle">
    /// Takes a socket, which belongs to it from now on, and ends when its handshake has: until then the socket counts as half-open. Its
    /// <see cref="SwarmException"/> is reported by <see cref="Failed"/>. Its token is cancelled at the end.
    /// </param>
    public TcpAcceptor(Func<Socket, CancellationToken, Task> handle, TcpListenOptions? options = null) =>
        (_handle, _options) = (handle, options ?? new());

    /// <summary>
    /// A connection came to nothing: <c>accept_failed</c>, whatever its handshake threw, or <c>internal_error</c> where that was no
    /// <see cref="SwarmException"/>. Called by any thread; must not throw.
    /// </summary>
    public event Action<SwarmException>? Failed;

    /// <summary>Where this listens, with real ports. An address for all interfaces stays one.</summary>
    public IReadOnlyList<Multiaddress> Addresses => [.. _loops.Select(loop => Multiaddress.FromEndPoint(loop.EndPoint))];

    /// <summary>Begins to listen.</summary>
    /// <param name="addresses">IP addresses and TCP ports; port 0 takes a free one.</param>
    /// <exception cref="SwarmException">
    /// <c>invalid_address</c>, <c>listen_failed</c>; then those before it are listened on, until this is disposed.
    /// </exception>
    public void Listen(IEnumerable<Multiaddress> addresses)
    {
        foreach (var address in addresses)
        {
            var endPoint = address.TcpEndPoint as IPEndPoint
                ?? throw new SwarmException("invalid_address", $"Cannot listen on {address}: only an IP address and a TCP port can be listened on.");
            _loops.Add(new AcceptLoop(endPoint, _options, _handle, exception => Failed?.Invoke(exception)));
        }
    }

    /// <summary>Stops listening, gives up the handshakes under way and waits for them.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var loop in _loops)
        {
            await loop.DisposeAsync();
        }
    }
}
