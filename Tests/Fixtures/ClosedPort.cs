using System.Net;
using System.Net.Sockets;

namespace ManagedSwarm.Tests.Fixtures;

/// <summary>A port of 127.0.0.1 where nothing answers: it is taken, so that no other test gets it, but nobody listens there.</summary>
internal static class ClosedPort
{
    private static readonly Socket Taken = Take();

    public static int Number => ((IPEndPoint)Taken.LocalEndPoint!).Port;

    private static Socket Take()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }
}
