using System.Net;
using System.Net.Sockets;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Tests.Transport.Libp2p;

/// <summary>Who does not belong, or is somebody else.</summary>
[Trait("Tier", "Loopback")]
public sealed class RefusedPeerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("another key")]
    [InlineData("no key")]
    [InlineData("another prologue")]
    [InlineData("no prologue")]
    public async Task Who_does_not_know_the_secrets_is_refused(string what)
    {
        var options = what switch
        {
            "another key" => TestPeer.Hidden with { PreSharedKey = new byte[32] },
            "no key" => TestPeer.Hidden with { PreSharedKey = default },
            "another prologue" => TestPeer.Hidden with { Prologue = new byte[32] },
            _ => TestPeer.Hidden with { Prologue = default },
        };
        await using var listener = await TestPeer.StartAsync(TestPeer.Hidden);
        await using var dialer = await TestPeer.StartAsync(options);
        Assert.Equal("handshake_failed", (await FailAsync(dialer, listener.Address)).Code);
        Assert.Equal("handshake_failed", (await FailAsync(listener, dialer.Address)).Code);
        Assert.Empty(listener.Peer.Sessions);
    }

    [Fact]
    public async Task Another_peer_than_the_one_that_was_dialed_is_refused()
    {
        await using var dialer = await TestPeer.StartAsync();
        await using var listener = await TestPeer.StartAsync();
        await using var other = await TestPeer.StartAsync();

        Assert.Equal("wrong_peer", (await FailAsync(dialer, listener.Address.WithPeerId(other.Id))).Code);
        Assert.Equal("invalid_address", (await FailAsync(dialer, listener.Address, other.Address)).Code);
        Assert.Empty(dialer.Peer.Sessions);
    }

    [Fact]
    public async Task Nobody_dials_himself()
    {
        await using var peer = await TestPeer.StartAsync();
        var withoutId = Multiaddress.FromEndPoint((IPEndPoint)peer.Address.TcpEndPoint!);

        Assert.Equal("dialed_self", (await FailAsync(peer, peer.Address)).Code);
        Assert.Equal("dialed_self", (await FailAsync(peer, withoutId)).Code);
        Assert.Empty(peer.Peer.Sessions);
    }

    [Fact]
    public async Task Who_comes_when_all_places_are_taken_is_refused()
    {
        await using var listener = await TestPeer.StartAsync(new() { Limits = new() { ConnectionsPerAddress = 1 } });
        await using var first = await TestPeer.StartAsync();
        await using var second = await TestPeer.StartAsync();
        await (await first.Peer.DialAsync(listener.Address, Cancellation)).IdentifyAsync(Cancellation);

        Assert.Equal("handshake_failed", (await FailAsync(second, listener.Address)).Code);
        Assert.Single(listener.Peer.Sessions);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Random_bytes_do_no_harm(bool isHidden)
    {
        var options = isHidden ? TestPeer.Hidden : null;
        await using var listener = await TestPeer.StartAsync(options);
        var random = new Random(11);
        for (var i = 0; i < 50; i++)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(listener.Address.TcpEndPoint!, Cancellation);
            var bytes = new byte[random.Next(1, 4000)];
            random.NextBytes(bytes);
            await socket.SendAsync(bytes, Cancellation);
            socket.Shutdown(SocketShutdown.Send);
            Assert.Equal(isHidden ? 24 : 0, await CountAsync(socket));
        }

        await using var dialer = await TestPeer.StartAsync(options);
        await (await dialer.Peer.DialAsync(listener.Address, Cancellation)).IdentifyAsync(Cancellation);
        Assert.Single(listener.Peer.Sessions);
        await TestPeer.UntilAsync(() => listener.Peer.ConnectionCount == 1);
    }

    private static async Task<SwarmException> FailAsync(TestPeer peer, params Multiaddress[] addresses) =>
        await Assert.ThrowsAsync<SwarmException>(() => peer.Peer.DialAsync(addresses, Cancellation).AsTask());

    private static async Task<int> CountAsync(Socket socket)
    {
        var (total, buffer) = (0, new byte[100]);
        try
        {
            for (int count; (count = await socket.ReceiveAsync(buffer, Cancellation)) > 0;)
            {
                total += count;
            }
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionReset)
        {
            // It has not read all of it.
        }

        return total;
    }
}
