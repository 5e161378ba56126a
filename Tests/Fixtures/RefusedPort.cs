using System.Net;
using System.Net.Sockets;

namespace ManagedSwarm.Tests.Fixtures;

/// <summary>A port of this machine that refuses connections. It is held until this is disposed, so that nobody else comes to listen there.</summary>
internal sealed class RefusedPort : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public RefusedPort() => _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    public IPEndPoint EndPoint => (IPEndPoint)_socket.LocalEndPoint!;

    public void Dispose() => _socket.Dispose();
}
