using System.Collections.Concurrent;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Tests.Transport.Libp2p;
using ManagedSwarm.Transport.Discovery;
using ManagedSwarm.Transport.Libp2p;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ManagedSwarm.Tests.Transport.Discovery;

[Trait("Tier", "Loopback")]
public sealed class DialLoopTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly ConcurrentQueue<(PeerId Peer, string? Code)> _ended = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Connects_with_what_it_hears_of_and_tells_what_came_of_it()
    {
        await using var dialer = await TestPeer.StartAsync(TestPeer.Hidden);
        await using var listener = await TestPeer.StartAsync(TestPeer.Hidden);
        await using var stranger = await TestPeer.StartAsync();
        await using var loop = Create(dialer);
        loop.Hear(new("bootstrap", null, [listener.Address.WithoutPeerId()]));
        loop.Hear(new("bootstrap", stranger.Id, [stranger.Address]));
        await TestPeer.UntilAsync(() => loop.Trials.Count == 2);
        Assert.Equal(listener.Id, Assert.Single(dialer.Peer.Sessions).RemotePeer);
        Assert.Equal(("bootstrap", null), (loop.Trials.Single(trial => trial.Address == listener.Address) is var good ? good.Source : "", good.Code));
        Assert.Equal("handshake_failed", loop.Trials.Single(trial => trial.Address == stranger.Address).Code);
    }

    [Fact]
    public async Task A_request_ends_with_a_session_or_with_why_there_is_none()
    {
        await using var dialer = await TestPeer.StartAsync();
        await using var listener = await TestPeer.StartAsync();
        using var gone = Identity.Generate();
        using var port = new RefusedPort();
        var nobody = Multiaddress.FromEndPoint(port.EndPoint);
        await using var loop = Create(dialer);
        loop.Request(listener.Id, nobody.WithPeerId(listener.Id), listener.Address);
        loop.Request(gone.PeerId, nobody.WithPeerId(gone.PeerId));
        await TestPeer.UntilAsync(() => _ended.Count == 2);
        Assert.Contains((listener.Id, null), _ended);
        Assert.Contains((gone.PeerId, "unreachable"), _ended);
        loop.Request(listener.Id);
        await TestPeer.UntilAsync(() => _ended.Count == 3);
    }

    [Fact]
    public async Task Dials_again_when_the_pause_is_over()
    {
        await using var dialer = await TestPeer.StartAsync();
        await using var listener = await TestPeer.StartAsync();
        await using var loop = Create(dialer);
        loop.Hear(new("bootstrap", null, [listener.Address.WithoutPeerId()]));
        await TestPeer.UntilAsync(() => dialer.Peer.Sessions.Count == 1 && loop.Trials.Count == 1);
        await dialer.Peer.Sessions.First().DisposeAsync();
        await TestPeer.UntilAsync(() => listener.Peer.Sessions.Count == 0);
        Assert.Empty(dialer.Peer.Sessions);
        await TestPeer.UntilAsync(() =>
        {
            // Again and again: the loop may hear of the session's end only now.
            _time.Advance(TimeSpan.FromSeconds(0.25));
            return dialer.Peer.Sessions.Count == 1;
        });
    }

    [Fact]
    public async Task A_black_hole_does_not_hold_up_the_next_address()
    {
        await using var dialer = await TestPeer.StartAsync();
        await using var listener = await TestPeer.StartAsync();
        using var hole = new BlackHole();
        await using var loop = Create(dialer);
        loop.Hear(new("mdns", listener.Id, [hole.Address, listener.Address]));
        await hole.AcceptAsync(Cancellation);
        Assert.Empty(dialer.Peer.Sessions);
        _time.Advance(TimeSpan.FromMilliseconds(250));
        await TestPeer.UntilAsync(() => dialer.Peer.Sessions.Count == 1 && loop.Trials.Count == 1);
        Assert.Null(loop.Trials[0].Code);
    }

    [Fact]
    public async Task Its_end_gives_up_what_is_under_way()
    {
        await using var dialer = await TestPeer.StartAsync();
        using var hole = new BlackHole();
        var loop = Create(dialer);
        loop.Hear(new("bootstrap", null, [hole.Address]));
        await hole.AcceptAsync(Cancellation);
        await loop.DisposeAsync();
        loop.Hear(new("bootstrap", null, [hole.Address]));
        Assert.Empty(loop.Trials);
        await TestPeer.UntilAsync(() => dialer.Peer.ConnectionCount == 0);
    }

    private DialLoop Create(TestPeer peer) =>
        new(peer.Peer, new(), _time, NullLogger.Instance, 1, (ended, code) => _ended.Enqueue((ended, code)));
}
