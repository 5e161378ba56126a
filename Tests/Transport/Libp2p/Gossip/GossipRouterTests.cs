using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p.Gossip;

namespace ManagedSwarm.Tests.Transport.Libp2p.Gossip;

/// <summary>What one router says to peers that the test plays.</summary>
public sealed class GossipRouterTests
{
    private const string Topic = GossipRecorder.Topic;

    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(1);

    [Fact]
    public void Says_its_topics_to_whom_connects_and_to_all_when_they_change()
    {
        var recorder = new GossipRecorder();
        recorder.Router.AddPeer(TestIds.Of(1), default);
        Assert.Empty(recorder.Sent);
        recorder.Router.Subscribe(Topic, default);
        Assert.Equal([new(Topic, true)], Assert.Single(recorder.SentTo(1)).Subscriptions);
        recorder.Router.AddPeer(TestIds.Of(2), default);
        Assert.Equal([new(Topic, true)], Assert.Single(recorder.SentTo(2)).Subscriptions);
        recorder.Sent.Clear();
        recorder.Router.Unsubscribe(Topic);
        Assert.Equal(2, recorder.Sent.Count);
        Assert.All(recorder.Sent, sent => Assert.Equal([new(Topic, false)], sent.Rpc.Subscriptions));
    }

    [Fact]
    public void Remembers_who_subscribed_to_a_topic_before_it_did()
    {
        var recorder = new GossipRecorder();
        recorder.AddSubscribers(2);
        recorder.Receive(2, new GossipRpc { Subscriptions = [new(Topic, false)] });
        recorder.Router.Subscribe(Topic, default);
        Assert.Equal([TestIds.Of(1)], recorder.Router.SubscribersOf(Topic));
        Assert.Equal([Topic], Assert.Single(recorder.SentTo(1)).Grafts);
    }

    [Fact]
    public void Sends_own_messages_to_all_subscribers()
    {
        var recorder = Subscribed(20);
        recorder.Router.AddPeer(TestIds.Of(21), default);
        recorder.Sent.Clear();
        var message = recorder.NewMessage(author: 0);
        recorder.Router.Publish(message, recorder.Now);
        Assert.Equal(20, recorder.Sent.Count);
        Assert.All(recorder.Sent, sent => Assert.Same(message, Assert.Single(sent.Rpc.Messages)));
        Assert.Empty(recorder.SentTo(21));
        Assert.Empty(recorder.Delivered);
    }

    [Fact]
    public void Publishes_to_a_topic_that_it_does_not_subscribe_to()
    {
        var recorder = new GossipRecorder();
        recorder.AddSubscribers(3);
        recorder.Router.Publish(recorder.NewMessage(author: 0), recorder.Now);
        Assert.Equal(3, recorder.Sent.Count);
    }

    [Fact]
    public void Delivers_a_message_once_and_sends_it_on_to_its_neighbours()
    {
        var recorder = Subscribed(20);
        var neighbour = recorder.Router.NeighboursOf(Topic)[0];
        recorder.Sent.Clear();
        var message = recorder.NewMessage();
        recorder.Router.Receive(neighbour, new() { Messages = [message] }, recorder.Now);
        recorder.Receive(20, message);
        Assert.Same(message, Assert.Single(recorder.Delivered));
        Assert.Equal(recorder.Router.NeighboursOf(Topic).Skip(1), recorder.Sent.Select(sent => sent.To));
    }

    [Fact]
    public void Does_not_send_a_message_back_to_its_author()
    {
        var recorder = Subscribed(3);
        recorder.Sent.Clear();
        recorder.Receive(1, recorder.NewMessage(author: 2));
        Assert.Equal([TestIds.Of(3)], recorder.Sent.Select(sent => sent.To));
    }

    [Fact]
    public void Ignores_messages_of_its_own_and_of_topics_that_it_does_not_subscribe_to_and_of_peers_that_are_not_connected()
    {
        var recorder = Subscribed(3);
        recorder.Sent.Clear();
        recorder.Receive(1, recorder.NewMessage(author: 0));
        recorder.Receive(1, recorder.NewMessage(topic: "gossip"));
        recorder.Receive(17, recorder.NewMessage());
        Assert.Empty(recorder.Delivered);
        Assert.Empty(recorder.Sent);
    }

    [Fact]
    public void Does_not_deliver_a_message_again_for_two_minutes()
    {
        var recorder = Subscribed(3);
        var message = recorder.NewMessage();
        for (var i = 0; i < 119; i++)
        {
            recorder.Receive(1, message);
            recorder.Advance(Heartbeat);
        }

        Assert.Single(recorder.Delivered);
        recorder.Advance(TimeSpan.FromSeconds(241));
        recorder.Receive(1, message);
        Assert.Equal(2, recorder.Delivered.Count);
    }

    [Fact]
    public void Tells_some_of_the_others_at_three_heartbeats_what_it_has_and_sends_it_for_five()
    {
        var recorder = Subscribed(40);
        recorder.Receive(1, recorder.NewMessage());
        var id = recorder.Delivered[0].Id;
        for (var i = 0; i < 5; i++)
        {
            recorder.Sent.Clear();
            recorder.Advance(Heartbeat);
            var told = recorder.Sent.Where(sent => sent.Rpc.Haves.Count > 0).ToList();
            Assert.InRange(told.Count, i < 3 ? 6 : 0, i < 3 ? 9 : 0);
            Assert.All(told, sent => Assert.Equal([id], Assert.Single(sent.Rpc.Haves).Ids));
            Assert.All(told, sent => Assert.DoesNotContain(sent.To, recorder.Router.NeighboursOf(Topic)));
            recorder.Sent.Clear();
            recorder.Receive(30 + i, new GossipRpc { Wants = [id] });
            Assert.Equal(i < 4 ? 1 : 0, recorder.Sent.Count);
        }
    }

    [Fact]
    public void Asks_for_what_it_lacks_and_nobody_a_third_time_within_a_heartbeat()
    {
        var recorder = Subscribed(3);
        var (known, unknown) = (recorder.NewMessage(), recorder.NewMessage());
        recorder.Receive(1, known);
        for (var i = 1; i <= 3; i++)
        {
            recorder.Sent.Clear();
            GossipMessageId own = new(GossipRecorder.Self, 77), foreign = new(TestIds.Of(9), 9);
            recorder.Receive(i, new GossipRpc { Haves = [new(Topic, [known.Id, unknown.Id, own]), new("gossip", [foreign])] });
            if (i < 3)
            {
                Assert.Equal([unknown.Id], Assert.Single(recorder.SentTo(i)).Wants);
            }
        }

        Assert.Empty(recorder.Sent);
        recorder.Advance(2 * Heartbeat);
        recorder.Sent.Clear();
        recorder.Receive(3, new GossipRpc { Haves = [new(Topic, [unknown.Id])] });
        Assert.Equal([unknown.Id], Assert.Single(recorder.SentTo(3)).Wants);
    }

    [Fact]
    public void Speaks_to_a_peer_in_its_own_form_of_ids()
    {
        var recorder = Subscribed(3);
        recorder.Receive(1, new GossipRpc { Haves = [new(Topic, [recorder.NewMessage().Id])], NamesByKey = true });
        Assert.True(recorder.SentTo(1).Last().NamesByKey);
        recorder.Receive(2, new GossipRpc { Haves = [new(Topic, [recorder.NewMessage().Id])] });
        Assert.False(recorder.SentTo(2).Last().NamesByKey);
    }

    [Fact]
    public void Says_nothing_at_heartbeats_where_nothing_happens()
    {
        var recorder = Subscribed(40);
        recorder.Advance(TimeSpan.FromSeconds(10));
        recorder.Sent.Clear();
        recorder.Advance(TimeSpan.FromMinutes(10));
        Assert.Empty(recorder.Sent);
    }

    [Fact]
    public void Makes_one_heartbeat_of_those_that_were_missed()
    {
        var recorder = Subscribed(20);
        recorder.Router.Tick(TimeSpan.FromHours(1));
        Assert.InRange(recorder.Router.NextTick, TimeSpan.FromHours(1), TimeSpan.FromHours(1) + Heartbeat);
    }

    [Fact]
    public void Says_again_what_may_be_lost_when_a_stream_is_a_new_one()
    {
        var recorder = Subscribed(1);
        recorder.Sent.Clear();
        recorder.Router.AddPeer(TestIds.Of(1), recorder.Now);
        var rpc = Assert.Single(recorder.SentTo(1));
        Assert.Equal([new(Topic, true)], rpc.Subscriptions);
        Assert.Equal([Topic], rpc.Grafts);
    }

    [Fact]
    public void Forgets_who_is_not_connected_any_more()
    {
        var recorder = Subscribed(3);
        recorder.Router.RemovePeer(TestIds.Of(2));
        Assert.Equal([TestIds.Of(1), TestIds.Of(3)], recorder.Router.SubscribersOf(Topic));
        Assert.False(recorder.IsNeighbour(2));
        recorder.Sent.Clear();
        recorder.Router.Publish(recorder.NewMessage(author: 0), recorder.Now);
        Assert.Empty(recorder.SentTo(2));
    }

    [Fact]
    public void Refuses_to_publish_what_is_too_large()
    {
        var recorder = Subscribed(1);
        recorder.Sent.Clear();
        var error = Assert.Throws<SwarmException>(() => recorder.Router.Publish(recorder.NewMessage(author: 0, bytes: 64 << 10), default));
        Assert.Equal("message_too_large", error.Code);
        Assert.Empty(recorder.Sent);
    }

    private static GossipRecorder Subscribed(int subscribers)
    {
        var recorder = new GossipRecorder();
        recorder.Router.Subscribe(Topic, default);
        recorder.AddSubscribers(subscribers);
        return recorder;
    }
}
