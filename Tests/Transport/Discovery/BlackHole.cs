using System.Net;
using System.Net.Sockets;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Tests.Transport.Discovery;

/// <summary>Accepts connections on this machine, takes what comes, and never says a word.</summary>
internal sealed class BlackHole : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<Socket> _sockets = [];

    public BlackHole() => _listener.Start();

    public Multiaddress Address => Multiaddress.FromEndPoint((IPEndPoint)_listener.LocalEndpoint);

    /// <summary>Waits for somebody to connect and to say the first word.</summary>
    public async Task AcceptAsync(CancellationToken cancellationToken)
    {
        _sockets.Add(await _listener.AcceptSocketAsync(cancellationToken));
        await _sockets[^1].ReceiveAsync(new byte[1], cancellationToken);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _sockets.ForEach(socket => socket.Dispose());
    }
}
