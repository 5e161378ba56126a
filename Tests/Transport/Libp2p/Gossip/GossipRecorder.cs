using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Gossip;

namespace ManagedSwarm.Tests.Transport.Libp2p.Gossip;

/// <summary>One router whose peers are told by the test, and what it did.</summary>
internal sealed class GossipRecorder : IGossipOutput
{
    public const string Topic = "news";

    private ulong _lastNumber;

    public GossipRecorder(GossipOptions? options = null, int seed = 1) => Router = new(Self, options ?? new(), seed, this);

    public static PeerId Self { get; } = TestIds.Of(0);

    public GossipRouter Router { get; }

    /// <summary>What was sent since this was last cleared.</summary>
    public List<(PeerId To, GossipRpc Rpc)> Sent { get; } = [];

    public List<GossipMessage> Delivered { get; } = [];

    public TimeSpan Now { get; private set; }

    /// <summary>Adds peers 1 to <paramref name="count"/>, which subscribe to the topic.</summary>
    public void AddSubscribers(int count)
    {
        for (var i = 1; i <= count; i++)
        {
            Router.AddPeer(TestIds.Of(i), Now);
            Receive(i, new GossipRpc { Subscriptions = [new(Topic, true)] });
        }
    }

    public void Receive(int from, GossipRpc rpc) => Router.Receive(TestIds.Of(from), rpc, Now);

    public void Receive(int from, params GossipMessage[] messages) => Receive(from, new GossipRpc { Messages = messages });

    /// <summary>A new message of a peer that need not be connected.</summary>
    public GossipMessage NewMessage(int author = 1_000, int bytes = 10, string topic = Topic) =>
        new() { From = TestIds.Of(author), Data = new byte[bytes], SequenceNumber = ++_lastNumber, Topic = topic };

    /// <summary>Lets time pass, with all heartbeats.</summary>
    public void Advance(TimeSpan by)
    {
        for (var end = Now + by; ;)
        {
            if (Router.NextTick > end)
            {
                Now = end;
                return;
            }

            Now = Router.NextTick;
            Router.Tick(Now);
        }
    }

    public IEnumerable<GossipRpc> SentTo(int peer) => Sent.Where(sent => sent.To == TestIds.Of(peer)).Select(sent => sent.Rpc);

    public bool IsNeighbour(int peer) => Router.NeighboursOf(Topic).Contains(TestIds.Of(peer));

    void IGossipOutput.Send(PeerId to, GossipRpc rpc) => Sent.Add((to, rpc));

    void IGossipOutput.Deliver(PeerId from, GossipMessage message) => Delivered.Add(message);
}
