using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Kad;

namespace ManagedSwarm.Tests.Transport.Libp2p.Kad;

/// <summary>What becomes of the sessions that lookups open.</summary>
[Trait("Tier", "Loopback")]
public sealed class LookupSessionsTests
{
    private const int LookedUp = 3063;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_session_that_a_lookup_has_opened_is_over_after_it_and_the_others_go_on()
    {
        await using var middle = await KadNode.StartAsync();
        await using var right = await JoinAsync(middle);
        await using var left = await JoinAsync(middle);

        Assert.Contains(right.Id, (await left.Kad.FindClosestAsync(right.Id.Bytes, Cancellation)).Select(peer => peer.Id));

        await TestPeer.UntilAsync(() => ConnectedWith(left).SequenceEqual([middle.Id]) && ConnectedWith(right).SequenceEqual([middle.Id]));
    }

    [Fact]
    public async Task A_session_that_others_need_goes_on()
    {
        await using var middle = await KadNode.StartAsync();
        await using var other = await JoinAsync(middle);
        await using var right = await JoinAsync(middle);
        await using var left = await JoinAsync(middle, new() { NeedsSession = peer => peer == right.Id });

        await left.Kad.FindClosestAsync(right.Id.Bytes, Cancellation);
        await TestPeer.UntilAsync(() => !ConnectedWith(left).Contains(other.Id));

        // Nothing that closes is under way when the DHT is disposed.
        await left.Kad.DisposeAsync();
        Assert.Equal(new[] { middle.Id, right.Id }.ToHashSet(), ConnectedWith(left).ToHashSet());
    }

    [Fact]
    public async Task Sessions_stay_until_the_last_of_several_lookups_is_over()
    {
        await using var asker = await TestPeer.StartAsync();
        await using var peer = await TestPeer.StartAsync();
        var sessions = new LookupSessions(new KadOptions(), _ => false, Cancellation);
        var session = await asker.Peer.DialAsync(peer.Address, Cancellation);
        var first = sessions.Begin();
        var second = sessions.Begin();
        sessions.Add(session);

        first.Dispose();
        await sessions.WhenClosedAsync();
        Assert.False(session.Closed.IsCompleted);

        second.Dispose();
        await sessions.WhenClosedAsync();
        Assert.True(session.Closed.IsCompleted);
        Assert.Equal(0, sessions.Count);
    }

    [Fact]
    public async Task A_session_is_not_closed_under_a_lookup_that_has_begun_meanwhile()
    {
        await using var asker = await TestPeer.StartAsync();
        await using var peer = await TestPeer.StartAsync();
        LookupSessions? sessions = null;
        var meanwhile = default(IDisposable);
        bool BeginAnother(PeerId id)
        {
            meanwhile ??= sessions!.Begin();
            return false;
        }

        sessions = new LookupSessions(new KadOptions { NeedsSession = BeginAnother }, _ => false, Cancellation);
        var session = await asker.Peer.DialAsync(peer.Address, Cancellation);
        using (sessions.Begin())
        {
            sessions.Add(session);
        }

        await sessions.WhenClosedAsync();
        Assert.NotNull(meanwhile);
        Assert.False(session.Closed.IsCompleted);

        meanwhile.Dispose();
        await sessions.WhenClosedAsync();
        Assert.True(session.Closed.IsCompleted);
    }

    [Fact]
    public async Task A_session_by_which_the_peer_asks_stays_until_the_next_lookup_is_over()
    {
        await using var asker = await TestPeer.StartAsync();
        await using var peer = await TestPeer.StartAsync();
        var isServed = true;
        var sessions = new LookupSessions(new KadOptions(), _ => isServed, Cancellation);
        var session = await asker.Peer.DialAsync(peer.Address, Cancellation);
        using (sessions.Begin())
        {
            sessions.Add(session);
        }

        await sessions.WhenClosedAsync();
        Assert.False(session.Closed.IsCompleted);
        Assert.Equal(1, sessions.Count);

        isServed = false;
        sessions.Begin().Dispose();
        await sessions.WhenClosedAsync();
        Assert.True(session.Closed.IsCompleted);
    }

    [Fact]
    public async Task A_session_that_takes_the_place_of_one_that_ends_is_over_after_the_lookup_too()
    {
        await using var asker = await TestPeer.StartAsync();
        await using var node = await KadNode.StartAsync();
        var sessions = new LookupSessions(new KadOptions(), _ => false, Cancellation);
        var client = new KadClient(new RedialingPeer(asker.Peer), KadNode.Protocol, sessions, new KadOptions());
        await asker.Peer.DialAsync(node.Address, Cancellation);
        using (sessions.Begin())
        {
            await client.AskAsync(new(node.Id, [node.Address]), new() { Type = KadMessageType.FindNode, Key = node.Id.Bytes }, Cancellation);
            Assert.Equal(1, sessions.Count);
        }

        await sessions.WhenClosedAsync();
        Assert.Empty(asker.Peer.Sessions);
    }

    /// <summary>
    /// Starts a node that knows one other, and waits until it has looked for its own place: by that it would connect with those who come later.
    /// </summary>
    private static async Task<KadNode> JoinAsync(KadNode middle, KadOptions? options = null)
    {
        var log = new TestLog();
        var node = await KadNode.StartAsync((options ?? new()) with { Logger = log });
        await node.MeetAsync(middle);
        await TestPeer.UntilAsync(() => log.Of(LookedUp).Count > 0);
        return node;
    }

    private static IEnumerable<PeerId> ConnectedWith(KadNode node) => node.Peer.Sessions.Select(session => session.RemotePeer);
}
