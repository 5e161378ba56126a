using ManagedSwarm.Transport.Libp2p.Gossip;

namespace ManagedSwarm.Tests.Transport.Libp2p.Gossip;

/// <summary>What a hostile peer may cost.</summary>
public sealed class GossipLimitTests
{
    private const string Topic = GossipRecorder.Topic;

    [Fact]
    public void Remembers_few_topics_of_a_peer_and_always_its_own()
    {
        var recorder = Subscribed(new(), 1);
        for (var i = 0; i < 1_000; i++)
        {
            recorder.Receive(1, new GossipRpc { Subscriptions = [new($"topic {i}", true)] });
        }

        recorder.Router.AddPeer(TestIds.Of(2), default);
        var many = Enumerable.Range(0, 30).Select(i => new GossipSubscription($"topic {i}", true));
        recorder.Receive(2, new GossipRpc { Subscriptions = [.. many, new(Topic, true)] });
        Assert.Contains(TestIds.Of(2), recorder.Router.SubscribersOf(Topic));
        foreach (var (topic, isRemembered) in new[] { ("topic 0", true), ("topic 15", true), ("topic 16", false), ("topic 999", false) })
        {
            recorder.Router.Subscribe(topic, default);
            Assert.Equal(isRemembered, recorder.Router.SubscribersOf(topic).Contains(TestIds.Of(1)));
        }
    }

    [Fact]
    public void Asks_a_peer_for_so_many_messages_between_two_heartbeats()
    {
        var recorder = Subscribed(new(), 1);
        recorder.Sent.Clear();
        for (var i = 0; i < 100; i++)
        {
            var ids = Enumerable.Range(0, 150).Select(_ => recorder.NewMessage().Id);
            recorder.Receive(1, new GossipRpc { Haves = [new(Topic, [.. ids])] });
        }

        Assert.Equal(1_000, recorder.SentTo(1).Sum(rpc => rpc.Wants.Count));
        recorder.Advance(TimeSpan.FromSeconds(2));
        for (var i = 0; i < 100; i++)
        {
            recorder.Receive(1, new GossipRpc { Haves = [new(Topic, [recorder.NewMessage().Id])] });
        }

        Assert.Equal(1_010, recorder.SentTo(1).Sum(rpc => rpc.Wants.Count));
    }

    [Fact]
    public void Sends_a_message_three_times_to_one_that_asks_for_it_again_and_again()
    {
        var recorder = Subscribed(new(), 2);
        recorder.Receive(1, recorder.NewMessage());
        recorder.Sent.Clear();
        for (var i = 0; i < 20; i++)
        {
            recorder.Receive(2, new GossipRpc { Wants = [recorder.Delivered[0].Id, recorder.Delivered[0].Id] });
        }

        Assert.Equal(3, recorder.SentTo(2).Count());
    }

    [Fact]
    public void Sends_so_many_bytes_to_one_that_asks_for_everything()
    {
        var recorder = Subscribed(new() { MaxWantedBytes = 100_000 }, 2);
        var messages = Enumerable.Range(0, 100).Select(_ => recorder.NewMessage(bytes: 10_000)).ToArray();
        recorder.Receive(1, messages);
        recorder.Sent.Clear();
        recorder.Receive(2, new GossipRpc { Wants = [.. messages.Select(message => message.Id)] });
        Assert.Equal(10, recorder.SentTo(2).Count());
    }

    [Fact]
    public void Does_not_answer_grafts_of_topics_that_it_does_not_know()
    {
        var recorder = Subscribed(new(), 1);
        recorder.Sent.Clear();
        recorder.Receive(1, new GossipRpc { Grafts = ["gossip"], Prunes = [new("gossip", default)] });
        Assert.Empty(recorder.Sent);
    }

    [Fact]
    public void Answers_so_many_grafts_at_once()
    {
        var recorder = Subscribed(new() { MaxMeshSize = 4 }, 5);
        recorder.Sent.Clear();
        recorder.Receive(5, new GossipRpc { Grafts = [.. Enumerable.Repeat(Topic, 10_000)] });
        Assert.Equal(64, recorder.SentTo(5).Sum(rpc => rpc.Prunes.Count));
    }

    [Fact]
    public void A_message_that_is_refused_does_not_keep_out_the_right_one_of_the_same_number()
    {
        var recorder = Subscribed(new() { Accepts = (_, message) => !message.Signature.IsEmpty }, 2);
        recorder.Sent.Clear();
        var forged = recorder.NewMessage();
        recorder.Receive(1, forged);
        Assert.Empty(recorder.Delivered);
        Assert.Empty(recorder.Sent);
        recorder.Receive(2, forged with { Signature = new byte[64] });
        Assert.Single(recorder.Delivered);
    }

    [Fact]
    public void Does_not_look_at_messages_of_one_that_sends_many_that_are_refused()
    {
        var asked = 0;
        var recorder = Subscribed(new() { Accepts = (_, message) => asked++ < 0 || !message.Signature.IsEmpty }, 2);
        for (var i = 0; i < 1_000; i++)
        {
            recorder.Receive(1, recorder.NewMessage());
        }

        Assert.Equal(16, asked);
        recorder.Receive(2, recorder.NewMessage() with { Signature = new byte[64] });
        Assert.Single(recorder.Delivered);
        recorder.Advance(TimeSpan.FromSeconds(1));
        recorder.Receive(1, recorder.NewMessage() with { Signature = new byte[64] });
        Assert.Equal(2, recorder.Delivered.Count);
    }

    [Fact]
    public void Refuses_a_message_that_is_larger_than_it_would_send()
    {
        var recorder = Subscribed(new() { MaxMessageBytes = 1_000 }, 1);
        recorder.Receive(1, recorder.NewMessage(bytes: 1_000));
        Assert.Empty(recorder.Delivered);
    }

    [Fact]
    public void Keeps_so_many_messages_and_bytes_and_knows_so_many_to_have_been_here()
    {
        var recorder = Subscribed(new() { MaxCached = 100, MaxCachedBytes = 50_000, MaxSeen = 1_000 }, 1);
        for (var i = 0; i < 5_000; i++)
        {
            recorder.Receive(1, recorder.NewMessage());
            Assert.InRange(recorder.Router.SeenCount, 1, 1_000);
            Assert.InRange(recorder.Router.CachedCount, 1, 100);
        }

        for (var i = 0; i < 10; i++)
        {
            recorder.Receive(1, recorder.NewMessage(bytes: 10_000));
        }

        Assert.Equal(4, recorder.Router.CachedCount);
        recorder.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(0, recorder.Router.CachedCount);
    }

    [Fact]
    public void Says_the_newest_of_many_messages()
    {
        var recorder = Subscribed(new() { MaxHaveIds = 10 }, 5);
        for (var i = 0; i < 100; i++)
        {
            recorder.Receive(1, recorder.NewMessage());
        }

        recorder.Sent.Clear();
        recorder.Advance(TimeSpan.FromSeconds(1));
        var ids = Assert.Single(Assert.Single(recorder.Sent).Rpc.Haves).Ids;
        Assert.Equal(recorder.Delivered.Skip(90).Select(message => message.Id).Reverse(), ids);
    }

    [Fact]
    public void Remembers_so_many_that_must_wait()
    {
        var mesh = new TopicMesh(Topic, maxBackoffs: 10);
        for (var i = 0; i < 100; i++)
        {
            mesh.BackOff(TestIds.Of(i), TimeSpan.FromSeconds(i));
        }

        Assert.Equal(10, mesh.BackoffCount);
        mesh.ForgetBackoffs(TimeSpan.FromSeconds(5));
        Assert.Equal(4, mesh.BackoffCount);
        Assert.True(mesh.IsBackedOff(TestIds.Of(6), TimeSpan.FromSeconds(5)));
    }

    private static GossipRecorder Subscribed(GossipOptions options, int subscribers)
    {
        var recorder = new GossipRecorder(options);
        recorder.Router.Subscribe(Topic, default);
        recorder.AddSubscribers(subscribers);
        return recorder;
    }
}
