using System.Net;
using System.Net.Sockets;

namespace ManagedSwarm.Tests.Transport.Libp2p;

/// <summary>Two sockets of this machine that are connected with each other.</summary>
internal static class SocketPair
{
    public static async Task<(Socket First, Socket Second)> CreateAsync(CancellationToken cancellationToken)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        var first = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await first.ConnectAsync(listener.LocalEndPoint!, cancellationToken);
        return (first, await listener.AcceptAsync(cancellationToken));
    }
}
