using System.Net;
using System.Net.Sockets;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Tcp;

namespace ManagedSwarm.Tests.Transport.Libp2p.Tcp;

/// <summary>Dialing and listening.</summary>
[Trait("Tier", "Loopback")]
public sealed class TcpTests
{
    private static readonly Multiaddress AnyPort = Multiaddress.Parse("/ip4/127.0.0.1/tcp/0");

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Listens_on_several_addresses_with_real_ports_and_is_dialed_there()
    {
        using var accepted = new SemaphoreSlim(0);
        await using var acceptor = new TcpAcceptor((socket, _) =>
        {
            socket.Dispose();
            accepted.Release();
            return Task.CompletedTask;
        });
        acceptor.Listen([AnyPort, AnyPort]);
        Assert.Equal(2, acceptor.Addresses.Distinct().Count());
        foreach (var address in acceptor.Addresses)
        {
            Assert.NotEqual(0, address.TcpPort);
            using var socket = await TcpDialer.ConnectAsync(address, CancellationToken);
            Assert.True(socket.NoDelay);
            await accepted.WaitAsync(CancellationToken);
        }
    }

    [Fact]
    public async Task Names_are_resolved()
    {
        await using var acceptor = new TcpAcceptor(CloseAsync);
        acceptor.Listen([AnyPort]);
        using var socket = await TcpDialer.ConnectAsync(Multiaddress.Parse($"/dns4/localhost/tcp/{acceptor.Addresses[0].TcpPort}"), CancellationToken);
        Assert.Equal(IPAddress.Loopback, ((IPEndPoint)socket.RemoteEndPoint!).Address);
    }

    [Theory]
    [InlineData("/ip4/127.0.0.1/udp/4001/quic-v1")]
    [InlineData("/ip4/127.0.0.1/tcp/4001/ws")]
    [InlineData("/dnsaddr/localhost/tcp/4001")]
    public async Task What_is_not_plain_tcp_is_not_dialed(string address)
    {
        var exception = await Assert.ThrowsAsync<SwarmException>(() => TcpDialer.ConnectAsync(Multiaddress.Parse(address), CancellationToken).AsTask());
        Assert.Equal("invalid_address", exception.Code);
        Assert.Contains(address, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_there_is_said_with_the_address()
    {
        using var port = new RefusedPort();
        var address = Multiaddress.FromEndPoint(port.EndPoint);
        var exception = await Assert.ThrowsAsync<SwarmException>(() => TcpDialer.ConnectAsync(address, CancellationToken).AsTask());
        Assert.Equal("unreachable", exception.Code);
        Assert.StartsWith($"Cannot reach {address}: ", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_taken_port_or_a_name_is_not_listened_on()
    {
        await using var first = new TcpAcceptor(CloseAsync);
        await using var second = new TcpAcceptor(CloseAsync);
        first.Listen([AnyPort]);
        Assert.Equal("listen_failed", Assert.Throws<SwarmException>(() => second.Listen(first.Addresses)).Code);
        Assert.Equal("invalid_address", Assert.Throws<SwarmException>(() => second.Listen([Multiaddress.Parse("/dns4/localhost/tcp/0")])).Code);
    }

    [Fact]
    public async Task No_more_handshakes_than_allowed_are_under_way_at_once()
    {
        const int Limit = 3;
        var (underWay, most) = (0, 0);
        using var started = new SemaphoreSlim(0);
        using var ending = new SemaphoreSlim(0);
        await using var acceptor = new TcpAcceptor(
            async (socket, cancellationToken) =>
            {
                using (socket)
                {
                    lock (started)
                    {
                        most = Math.Max(most, ++underWay);
                    }

                    started.Release();
                    await ending.WaitAsync(cancellationToken);
                    lock (started)
                    {
                        underWay--;
                    }
                }
            },
            new() { MaxHandshakes = Limit });
        acceptor.Listen([AnyPort]);
        var sockets = new List<Socket>();
        for (var i = 0; i < 4 * Limit; i++)
        {
            sockets.Add(await TcpDialer.ConnectAsync(acceptor.Addresses[0], CancellationToken));
        }

        // After the first ones, each that ends lets one more in.
        for (var i = 0; i < sockets.Count; i++)
        {
            if (i >= Limit)
            {
                ending.Release();
            }

            await started.WaitAsync(CancellationToken);
        }

        Assert.Equal(Limit, most);
        sockets.ForEach(socket => socket.Dispose());
    }

    [Fact]
    public async Task A_failed_handshake_is_reported_and_others_go_on()
    {
        var failed = new TaskCompletionSource<SwarmException>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var accepted = new SemaphoreSlim(0);
        await using var acceptor = new TcpAcceptor((socket, _) =>
        {
            socket.Dispose();
            return accepted.Release() == 0 ? throw new SwarmException("handshake_failed", "No.") : Task.CompletedTask;
        });
        acceptor.Failed += failed.SetResult;
        acceptor.Listen([AnyPort]);
        for (var i = 0; i < 2; i++)
        {
            using var socket = await TcpDialer.ConnectAsync(acceptor.Addresses[0], CancellationToken);
            await socket.ReceiveAsync(new byte[1], CancellationToken);
        }

        Assert.Equal("handshake_failed", (await failed.Task).Code);
    }

    [Fact]
    public async Task The_end_gives_up_handshakes_under_way()
    {
        using var started = new SemaphoreSlim(0);
        var acceptor = new TcpAcceptor(async (socket, cancellationToken) =>
        {
            using (socket)
            {
                started.Release();
                await socket.ReceiveAsync(new byte[1], cancellationToken);
            }
        });
        acceptor.Listen([AnyPort]);
        using var socket = await TcpDialer.ConnectAsync(acceptor.Addresses[0], CancellationToken);
        await started.WaitAsync(CancellationToken);
        await acceptor.DisposeAsync();
        await acceptor.DisposeAsync();
        Assert.Equal(0, await socket.ReceiveAsync(new byte[1], CancellationToken));
    }

    private static Task CloseAsync(Socket socket, CancellationToken cancellationToken)
    {
        socket.Dispose();
        return Task.CompletedTask;
    }
}
