using System.Net;
using System.Net.Sockets;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Bench.Streams;

/// <summary>The other process: serves wires of all stacks.</summary>
internal sealed class StreamServer : IAsyncDisposable
{
    private static readonly Multiaddress AnyPort = Multiaddress.Parse("/ip4/127.0.0.1/tcp/0");

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Identity _identity = Identity.Generate();
    private readonly LocalPeer _open;
    private readonly LocalPeer _hidden;

    private StreamServer() =>
        (_open, _hidden) = (new(_identity, BenchNetwork.Options(Stack.NoiseYamux)), new(_identity, BenchNetwork.Options(Stack.NoiseYamuxPnet)));

    public ServerAddresses Addresses =>
        new(((IPEndPoint)_socket.LocalEndPoint!).Port, _open.ListenAddresses[0], _hidden.ListenAddresses[0]);

    public static async Task<StreamServer> StartAsync()
    {
        var server = new StreamServer();
        server._socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        server._socket.Listen();
        _ = server.AcceptSocketsAsync();
        foreach (var peer in (LocalPeer[])[server._open, server._hidden])
        {
            _ = AcceptStreamsAsync(peer.Listen(BenchNetwork.ProtocolId));
            await peer.StartListenAsync([AnyPort]);
        }

        return server;
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _open.DisposeAsync();
        await _hidden.DisposeAsync();
        _identity.Dispose();
    }

    private async Task AcceptSocketsAsync()
    {
        try
        {
            while (true)
            {
                Serve(new SocketWire(await _socket.AcceptAsync()));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    private static async Task AcceptStreamsAsync(IStreamListener listener)
    {
        while (await listener.AcceptAsync() is { } stream)
        {
            Serve(new StreamWire(stream));
        }
    }

    private static void Serve(IWire wire) => _ = Task.Run(async () =>
    {
        try
        {
            await WireService.ServeAsync(wire);
        }
        catch (Exception exception) when (exception is SwarmException or SocketException)
        {
            // The other process has gone.
        }
    });
}
