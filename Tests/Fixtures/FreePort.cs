using System.Net;
using System.Net.Sockets;

namespace ManagedSwarm.Tests.Fixtures;

/// <summary>
/// Ports of 127.0.0.1 for programs that are told where to listen. None of those that systems give to whoever asks for any: other tests ask all
/// the time, and would have it before the program has started.
/// </summary>
internal static class FreePort
{
    private const int First = 10_000;
    private const int End = 32_000;

    /// <summary>One where nobody listens.</summary>
    public static int Find()
    {
        while (true)
        {
            var port = Random.Shared.Next(First, End);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody does.
            }
        }
    }
}
