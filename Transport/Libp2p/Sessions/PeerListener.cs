using System.Net;
using System.Net.Sockets;
using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Libp2p.Tcp;

namespace ManagedSwarm.Transport.Libp2p.Sessions;

/// <summary>Listens, and makes sessions of the connections that come. Safe for use by many threads.</summary>
internal sealed class PeerListener(PeerContext context, Upgrader upgrader, ConnectionQuota quota, SessionTable sessions) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<TcpAcceptor> _acceptors = [];
    private bool _isDisposed;

    /// <summary>Where it listens, with real ports; one address for each interface.</summary>
    public IReadOnlyList<Multiaddress> Addresses
    {
        get
        {
            lock (_gate)
            {
                return
                [
                    .. _acceptors.SelectMany(acceptor => acceptor.Addresses)
                        .SelectMany(InterfaceAddresses.Expand)
                        .Select(address => address.WithPeerId(context.Self)),
                ];
            }
        }
    }

    /// <summary>Begins to listen on all addresses, or on none.</summary>
    /// <exception cref="SwarmException"><c>invalid_address</c>, <c>listen_failed</c>, <c>session_closed</c>: it is disposed.</exception>
    public async Task ListenAsync(IReadOnlyList<Multiaddress> addresses)
    {
        var acceptor = new TcpAcceptor(
            AcceptAsync,
            new() { MaxHandshakes = context.Options.Limits.Handshakes, TimeProvider = context.Options.Time });
        acceptor.Failed += Report;
        try
        {
            acceptor.Listen(addresses);
            lock (_gate)
            {
                if (_isDisposed)
                {
                    throw SessionTable.Disposed();
                }

                _acceptors.Add(acceptor);
            }
        }
        catch
        {
            await acceptor.DisposeAsync();
            throw;
        }

        foreach (var address in acceptor.Addresses)
        {
            TransportLog.Listening(context.Options.Logger, address);
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isDisposed = true;
        }

        foreach (var acceptor in _acceptors)
        {
            await acceptor.DisposeAsync();
        }
    }

    private async Task AcceptAsync(Socket socket, CancellationToken cancellationToken)
    {
        var place = TakePlace(socket);
        try
        {
            var upgraded = await upgrader.AcceptAsync(socket, cancellationToken);
            if (upgraded.RemotePeer == context.Self)
            {
                await upgraded.Channel.DisposeAsync();
                throw Dialer.DialedSelf(upgraded.RemoteAddress);
            }

            await sessions.AddAsync(new PeerConnection(upgraded, place, context));
        }
        catch
        {
            place.Dispose();
            throw;
        }
    }

    private IDisposable TakePlace(Socket socket)
    {
        try
        {
            return quota.Take((socket.RemoteEndPoint as IPEndPoint)?.Address);
        }
        catch (Exception exception)
        {
            socket.Dispose();
            throw exception is SocketException ? new SwarmException("connection_lost", exception.Message, exception) : exception;
        }
    }

    private void Report(SwarmException exception)
    {
        if (exception.Code == "accept_failed")
        {
            TransportLog.AcceptFailed(context.Options.Logger, exception.Message);
        }
        else
        {
            TransportLog.InboundFailed(context.Options.Logger, exception.Code, exception.Message);
        }
    }
}
