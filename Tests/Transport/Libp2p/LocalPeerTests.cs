using System.Net;
using System.Net.Sockets;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Tests.Transport.Libp2p;

/// <summary>Two local peers: what they know of each other, and how connections begin and end.</summary>
[Trait("Tier", "Loopback")]
public sealed class LocalPeerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Both_sides_know_what_the_other_is(bool isHidden)
    {
        var options = isHidden ? TestPeer.Hidden : null;
        await using var dialer = await TestPeer.StartAsync(options);
        await using var listener = await TestPeer.StartAsync(options);
        var connected = new TaskCompletionSource<ISession>(TaskCreationOptions.RunContinuationsAsynchronously);
        listener.Peer.Connected += connected.SetResult;
        var session = await dialer.Peer.DialAsync(listener.Address, Cancellation);
        Assert.Equal(listener.Id, session.RemotePeer);
        var accepted = await connected.Task.WaitAsync(Cancellation);
        Assert.Equal(dialer.Id, accepted.RemotePeer);

        var info = await session.IdentifyAsync(Cancellation);
        Assert.Equal(listener.Peer.ListenAddresses, info.Addresses);
        Assert.Equal(["/ipfs/id/1.0.0", "/ipfs/id/push/1.0.0", "/ipfs/ping/1.0.0", TestPeer.Echo], info.Protocols);
        Assert.StartsWith("managedswarm/", info.AgentVersion, StringComparison.Ordinal);
        Assert.Equal("managedswarm/1", info.ProtocolVersion);
        Assert.Equal(accepted.RemoteAddress, info.ObservedAddress);
        Assert.Equal(info.Protocols, dialer.Peer.PeerStore.Find(listener.Id)!.Protocols);
        Assert.Equal(dialer.Peer.ListenAddresses, (await accepted.IdentifyAsync(Cancellation)).Addresses);
    }

    [Fact]
    public async Task Pings_both_ways_again_and_again()
    {
        await using var dialer = await TestPeer.StartAsync();
        await using var listener = await TestPeer.StartAsync();
        await dialer.Peer.DialAsync(listener.Address, Cancellation);
        await TestPeer.UntilAsync(() => listener.Peer.Sessions.Count > 0);
        for (var i = 0; i < 20; i++)
        {
            Assert.InRange(await dialer.Peer.PingAsync(listener.Id, Cancellation), TimeSpan.Zero, TestPeer.Patient.Ping);
            Assert.InRange(await listener.Peer.PingAsync(dialer.Id, Cancellation), TimeSpan.Zero, TestPeer.Patient.Ping);
        }
    }

    [Fact]
    public async Task Serves_two_streams_of_a_peer_for_pings_and_no_third()
    {
        await using var dialer = await TestPeer.StartAsync();
        await using var listener = await TestPeer.StartAsync();
        var session = await dialer.Peer.DialAsync(listener.Address, Cancellation);
        var streams = new List<IMuxStream>();
        for (var i = 0; i < 2; i++)
        {
            streams.Add(await session.OpenStreamAsync("/ipfs/ping/1.0.0", Cancellation));
            await streams[i].WriteAsync(new byte[32], Cancellation);
            Assert.True(await streams[i].ReadAsync(new byte[32], Cancellation) > 0);
        }

        await using var third = await session.OpenStreamAsync("/ipfs/ping/1.0.0", Cancellation);
        await Assert.ThrowsAsync<SwarmException>(async () =>
        {
            await third.WriteAsync(new byte[32], Cancellation);
            while (await third.ReadAsync(new byte[32], Cancellation) > 0)
            {
            }
        });
        foreach (var stream in streams)
        {
            await stream.DisposeAsync();
        }
    }

    [Fact]
    public async Task Tells_peers_when_it_serves_more_or_less()
    {
        await using var dialer = await TestPeer.StartAsync();
        await using var listener = await TestPeer.StartAsync();
        var session = await dialer.Peer.DialAsync(listener.Address, Cancellation);
        Assert.DoesNotContain("/new", (await session.IdentifyAsync(Cancellation)).Protocols);
        var more = listener.Peer.Listen("/new");
        await TestPeer.UntilAsync(() => dialer.Peer.PeerStore.Find(listener.Id)!.Protocols.Contains("/new"));
        Assert.Equal("protocol_taken", Assert.Throws<SwarmException>(() => listener.Peer.Listen("/new")).Code);
        await more.DisposeAsync();
        await TestPeer.UntilAsync(() => !dialer.Peer.PeerStore.Find(listener.Id)!.Protocols.Contains("/new"));
        await listener.Peer.Listen("/new").DisposeAsync();
    }

    [Fact]
    public async Task An_existing_session_is_used_again()
    {
        await using var dialer = await TestPeer.StartAsync();
        await using var listener = await TestPeer.StartAsync();
        var dials = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => dialer.Peer.DialAsync(listener.Address, Cancellation).AsTask()));
        Assert.All(dials, session => Assert.Same(dials[0], session));
        Assert.Same(dials[0], await dialer.Peer.DialAsync(listener.Id, Cancellation));
        Assert.Single(dialer.Peer.Connections);
        await TestPeer.UntilAsync(() => listener.Peer.Sessions.Count == 1);
        Assert.Single(listener.Peer.Connections);
    }

    [Fact]
    public async Task Dials_again_by_what_it_has_learned()
    {
        await using var dialer = await TestPeer.StartAsync();
        await using var listener = await TestPeer.StartAsync();
        var unknown = await Assert.ThrowsAsync<SwarmException>(() => dialer.Peer.DialAsync(listener.Id, Cancellation).AsTask());
        Assert.Equal("unknown_peer", unknown.Code);
        var ended = new TaskCompletionSource<SwarmException>(TaskCreationOptions.RunContinuationsAsynchronously);
        listener.Peer.Disconnected += (_, reason) => ended.TrySetResult(reason);
        var session = await dialer.Peer.DialAsync(listener.Address, Cancellation);
        await session.IdentifyAsync(Cancellation);
        await session.DisposeAsync();
        Assert.True(session.Closed.IsCompleted);

        // Which one is heard first: the farewell, or that a ping's answer gets nowhere.
        Assert.Contains((await ended.Task.WaitAsync(Cancellation)).Code, new[] { "session_closed", "connection_lost" });
        var exception = await Assert.ThrowsAsync<SwarmException>(() => session.OpenStreamAsync(TestPeer.Echo, Cancellation).AsTask());
        Assert.Equal("session_closed", exception.Code);

        await TestPeer.EchoAsync(await dialer.Peer.OpenStreamAsync(listener.Id, TestPeer.Echo, Cancellation), [1, 2, 3]);
    }

    [Fact]
    public async Task Tries_addresses_side_by_side_and_lets_go_of_those_that_lose()
    {
        // The first address takes the connection and never says a word.
        var options = new LocalPeerOptions { Timeouts = TestPeer.Patient with { NextAddress = TimeSpan.Zero } };
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var dialer = await TestPeer.StartAsync(options);
        await using var listener = await TestPeer.StartAsync();
        var first = Multiaddress.FromEndPoint((IPEndPoint)silent.LocalEndpoint).WithPeerId(listener.Id);
        var accepting = silent.AcceptSocketAsync(Cancellation);

        var session = await dialer.Peer.DialAsync([first, listener.Address], Cancellation);
        Assert.Equal(listener.Id, session.RemotePeer);
        Assert.Equal(1, dialer.Peer.ConnectionCount);
        Assert.DoesNotContain(first, dialer.Peer.PeerStore.AddressesOf(listener.Id));
        using var lost = await accepting;
        await ReadToEndAsync(lost);
    }

    [Fact]
    public async Task Tries_one_address_after_the_other()
    {
        await using var dialer = await TestPeer.StartAsync();
        var gone = await TestPeer.StartAsync();
        await using var listener = await TestPeer.StartAsync();
        var closed = gone.Address.WithPeerId(listener.Id);
        await gone.DisposeAsync();

        Assert.Equal(listener.Id, (await dialer.Peer.DialAsync([closed, listener.Address], Cancellation)).RemotePeer);
    }

    [Fact]
    public async Task Keeps_sixty_connections()
    {
        await using var listener = await TestPeer.StartAsync();
        var dialers = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => TestPeer.StartAsync()));
        await Task.WhenAll(dialers.Select(async dialer =>
        {
            var session = await dialer.Peer.DialAsync(listener.Address, Cancellation);
            await TestPeer.EchoAsync(await session.OpenStreamAsync(TestPeer.Echo, Cancellation), new byte[1000]);
        }));
        Assert.Equal(60, listener.Peer.Sessions.Count);
        foreach (var dialer in dialers)
        {
            await dialer.DisposeAsync();
        }

        await TestPeer.UntilAsync(() => listener.Peer.Sessions.Count == 0 && listener.Peer.ConnectionCount == 0);
    }

    [Fact]
    public async Task Who_is_disposed_does_nothing_any_more()
    {
        var dialer = await TestPeer.StartAsync();
        await using var listener = await TestPeer.StartAsync();
        await dialer.DisposeAsync();
        await dialer.Peer.DisposeAsync();
        var exception = await Assert.ThrowsAsync<SwarmException>(() => dialer.Peer.DialAsync(listener.Address, Cancellation).AsTask());
        Assert.Equal("session_closed", exception.Code);
        exception = await Assert.ThrowsAsync<SwarmException>(() => dialer.Peer.StartListenAsync([listener.Address], Cancellation));
        Assert.Contains(exception.Code, (string[])["session_closed", "listen_failed"]);
    }

    private static async Task ReadToEndAsync(Socket socket)
    {
        var buffer = new byte[1024];
        try
        {
            while (await socket.ReceiveAsync(buffer, Cancellation) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // It was reset.
        }
    }
}
