using ManagedSwarm.Transport.Libp2p.Gossip;

namespace ManagedSwarm.Tests.Transport.Libp2p.Gossip;

/// <summary>Who becomes a neighbour in a mesh, and who is let go.</summary>
public sealed class GossipMeshTests
{
    private const string Topic = GossipRecorder.Topic;

    private static readonly GossipRpc Graft = new() { Grafts = [Topic] };

    [Fact]
    public void Asks_at_once_while_it_has_too_few_neighbours()
    {
        var recorder = Subscribed(20);
        Assert.Equal(4, recorder.Router.NeighboursOf(Topic).Count);
        Assert.All(Enumerable.Range(1, 4), peer => Assert.Equal([Topic], recorder.SentTo(peer).Last().Grafts));
    }

    [Fact]
    public void Takes_the_place_of_neighbours_that_are_gone_at_a_heartbeat()
    {
        var recorder = Subscribed(20);
        recorder.Router.RemovePeer(TestIds.Of(1));
        recorder.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(6, recorder.Router.NeighboursOf(Topic).Count);
    }

    [Fact]
    public void Takes_no_more_neighbours_than_it_may_have()
    {
        var recorder = Subscribed(20);
        for (var i = 1; i <= 20; i++)
        {
            recorder.Receive(i, Graft);
        }

        Assert.Equal(12, recorder.Router.NeighboursOf(Topic).Count);
        var refused = recorder.Sent.Where(sent => sent.Rpc.Prunes.Count > 0).ToList();
        Assert.Equal(8, refused.Count);
        Assert.All(refused, sent => Assert.Equal([new(Topic, TimeSpan.FromSeconds(60))], sent.Rpc.Prunes));
    }

    [Fact]
    public void Lets_go_of_neighbours_that_are_too_many()
    {
        // Neighbours are asked for one by one up to eight, and that is one more than there may be.
        var recorder = new GossipRecorder(new() { MinMeshSize = 8, MeshSize = 6, MaxMeshSize = 7 });
        recorder.Router.Subscribe(Topic, default);
        recorder.AddSubscribers(8);
        Assert.Equal(8, recorder.Router.NeighboursOf(Topic).Count);
        recorder.Sent.Clear();
        recorder.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(6, recorder.Router.NeighboursOf(Topic).Count);
        Assert.Equal(2, recorder.Sent.Count);
        Assert.All(recorder.Sent, sent => Assert.Equal([new(Topic, TimeSpan.FromSeconds(60))], sent.Rpc.Prunes));
        Assert.All(recorder.Sent, sent => Assert.DoesNotContain(sent.To, recorder.Router.NeighboursOf(Topic)));
    }

    [Fact]
    public void Does_not_ask_again_for_as_long_as_it_was_told_to()
    {
        var recorder = Subscribed(1);
        recorder.Receive(1, new GossipRpc { Prunes = [new(Topic, TimeSpan.FromSeconds(5))] });
        Assert.False(recorder.IsNeighbour(1));
        recorder.Sent.Clear();
        recorder.Advance(TimeSpan.FromSeconds(5));
        Assert.Empty(recorder.Sent);
        recorder.Advance(TimeSpan.FromSeconds(3));
        Assert.True(recorder.IsNeighbour(1));
        Assert.Equal([Topic], Assert.Single(recorder.Sent).Rpc.Grafts);
    }

    [Fact]
    public void Waits_for_a_minute_where_no_time_is_said()
    {
        var recorder = Subscribed(1);
        recorder.Receive(1, new GossipRpc { Prunes = [new(Topic, default)] });
        recorder.Advance(TimeSpan.FromSeconds(60));
        Assert.False(recorder.IsNeighbour(1));
        recorder.Advance(TimeSpan.FromSeconds(3));
        Assert.True(recorder.IsNeighbour(1));
    }

    [Fact]
    public void Waits_no_longer_than_ten_minutes_whatever_is_said()
    {
        var recorder = Subscribed(1);
        recorder.Receive(1, new GossipRpc { Prunes = [new(Topic, TimeSpan.FromDays(1))] });
        recorder.Advance(TimeSpan.FromMinutes(11));
        Assert.True(recorder.IsNeighbour(1));
    }

    [Fact]
    public void Refuses_one_that_asks_before_its_time_and_has_it_wait_anew()
    {
        var recorder = Subscribed(1);
        recorder.Receive(1, new GossipRpc { Prunes = [new(Topic, TimeSpan.FromSeconds(60))] });
        recorder.Advance(TimeSpan.FromSeconds(59));
        recorder.Sent.Clear();
        recorder.Receive(1, Graft);
        Assert.False(recorder.IsNeighbour(1));
        Assert.Equal([new(Topic, TimeSpan.FromSeconds(60))], Assert.Single(recorder.Sent).Rpc.Prunes);
        recorder.Advance(TimeSpan.FromSeconds(59));
        recorder.Receive(1, Graft);
        Assert.False(recorder.IsNeighbour(1));
        recorder.Advance(TimeSpan.FromSeconds(60));
        recorder.Receive(1, Graft);
        Assert.True(recorder.IsNeighbour(1));
    }

    [Fact]
    public void Has_one_wait_that_connects_again()
    {
        var recorder = Subscribed(1);
        recorder.Receive(1, new GossipRpc { Prunes = [new(Topic, TimeSpan.FromSeconds(60))] });
        recorder.Router.RemovePeer(TestIds.Of(1));
        recorder.AddSubscribers(1);
        Assert.False(recorder.IsNeighbour(1));
        recorder.Receive(1, Graft);
        Assert.False(recorder.IsNeighbour(1));
    }

    [Fact]
    public void Has_one_wait_that_leaves_a_topic_and_comes_back()
    {
        var recorder = Subscribed(1);
        recorder.Receive(1, new GossipRpc { Subscriptions = [new(Topic, false), new(Topic, true)] });
        Assert.False(recorder.IsNeighbour(1));
        recorder.Advance(TimeSpan.FromSeconds(13));
        Assert.True(recorder.IsNeighbour(1));
    }

    [Fact]
    public void Tells_its_neighbours_when_it_leaves_a_topic()
    {
        var recorder = Subscribed(2);
        recorder.Sent.Clear();
        recorder.Router.Unsubscribe(Topic);
        Assert.All(recorder.Sent, sent => Assert.Equal([new(Topic, TimeSpan.FromSeconds(10))], sent.Rpc.Prunes));
        Assert.Equal(2, recorder.Sent.Count);
    }

    private static GossipRecorder Subscribed(int subscribers)
    {
        var recorder = new GossipRecorder();
        recorder.Router.Subscribe(Topic, default);
        recorder.AddSubscribers(subscribers);
        return recorder;
    }
}
