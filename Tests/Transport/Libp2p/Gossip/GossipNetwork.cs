using System.Security.Cryptography;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Gossip;

namespace ManagedSwarm.Tests.Transport.Libp2p.Gossip;

/// <summary>Many routers in virtual time: what they say takes 1 to 50 ms, and some is lost. The same seed gives the same run.</summary>
internal sealed class GossipNetwork
{
    public const string Topic = "news";

    private readonly Random _random;
    private readonly List<Node> _nodes = [];
    private readonly Dictionary<PeerId, Node> _nodesById = [];
    private readonly PriorityQueue<(Node From, Node To, GossipRpc Rpc), (TimeSpan At, long Order)> _underWay = new();
    private readonly IncrementalHash _transcript = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _order;
    private ulong _lastNumber;

    public GossipNetwork(int nodes, GossipOptions options, int seed)
    {
        _random = new(seed);
        for (var i = 0; i < nodes; i++)
        {
            var node = new Node(this, TestIds.Of(i + 1), options, _random.Next());
            _nodes.Add(node);
            _nodesById.Add(node.Id, node);
        }
    }

    public TimeSpan Now { get; private set; }

    /// <summary>The part of what is said that is lost, other than subscriptions.</summary>
    public double Loss { get; set; }

    public long Bytes { get; private set; }

    public int Sent { get; private set; }

    public int Asked { get; private set; }

    /// <summary>A digest of all that was said, to whom and when.</summary>
    public string Transcript => Convert.ToHexString(_transcript.GetCurrentHash());

    public IEnumerable<GossipRouter> Routers => _nodes.Select(node => node.Router);

    /// <summary>Has all subscribe, and connects each with so many others by chance, all with each other by way of others.</summary>
    public void Connect(int degree)
    {
        foreach (var node in _nodes)
        {
            node.Router.Subscribe(Topic, Now);
        }

        for (var i = 1; i < _nodes.Count; i++)
        {
            Connect(_nodes[i], _nodes[_random.Next(i)]);
        }

        for (var i = _nodes.Count * (degree - 2) / 2; i > 0; i--)
        {
            var (one, other) = (_random.Next(_nodes.Count), _random.Next(_nodes.Count));
            if (one != other)
            {
                Connect(_nodes[one], _nodes[other]);
            }
        }
    }

    /// <summary>Has one by chance publish.</summary>
    public GossipMessage Publish()
    {
        var author = _nodes[_random.Next(_nodes.Count)];
        var message = new GossipMessage { From = author.Id, Data = new byte[100], SequenceNumber = ++_lastNumber, Topic = Topic };
        author.Delivered.Add(message.Id, 1);
        author.Router.Publish(message, Now);
        return message;
    }

    /// <summary>How often each has a message.</summary>
    public IEnumerable<int> DeliveriesOf(GossipMessage message) => _nodes.Select(node => node.Delivered.GetValueOrDefault(message.Id));

    public void Run(TimeSpan time)
    {
        var end = Now + time;
        while (true)
        {
            var next = _nodes.MinBy(node => node.Router.NextTick)!;
            var isMessage = _underWay.TryPeek(out _, out var due) && due.At <= next.Router.NextTick;
            if ((isMessage ? due.At : next.Router.NextTick) > end)
            {
                Now = end;
                return;
            }

            Now = isMessage ? due.At : next.Router.NextTick;
            if (isMessage)
            {
                var (from, to, rpc) = _underWay.Dequeue();
                to.Router.Receive(from.Id, rpc, Now);
            }
            else
            {
                next.Router.Tick(Now);
            }
        }
    }

    private void Connect(Node one, Node other)
    {
        one.Router.AddPeer(other.Id, Now);
        other.Router.AddPeer(one.Id, Now);
    }

    private void Send(Node from, Node to, GossipRpc rpc)
    {
        _transcript.AppendData(from.Id.Bytes.Span);
        _transcript.AppendData(to.Id.Bytes.Span);
        _transcript.AppendData(BitConverter.GetBytes(Now.Ticks));
        _transcript.AppendData(rpc.ToBytes().Span);
        (Sent, Bytes, Asked) = (Sent + 1, Bytes + rpc.EncodedSize, Asked + rpc.Wants.Count);
        if (rpc.Subscriptions.Count > 0 || _random.NextDouble() >= Loss)
        {
            // In order between two peers, as by a stream.
            var arrival = Now + TimeSpan.FromMilliseconds(_random.Next(1, 50));
            from.LastArrivals[to.Id] = Max(from.LastArrivals.GetValueOrDefault(to.Id), arrival);
            _underWay.Enqueue((from, to, rpc), (from.LastArrivals[to.Id], _order++));
        }
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private sealed class Node : IGossipOutput
    {
        private readonly GossipNetwork _network;

        public Node(GossipNetwork network, PeerId id, GossipOptions options, int seed) =>
            (_network, Id, Router) = (network, id, new(id, options, seed, this));

        public PeerId Id { get; }

        public GossipRouter Router { get; }

        public Dictionary<GossipMessageId, int> Delivered { get; } = [];

        public Dictionary<PeerId, TimeSpan> LastArrivals { get; } = [];

        public void Send(PeerId to, GossipRpc rpc) => _network.Send(this, _network._nodesById[to], rpc);

        public void Deliver(PeerId from, GossipMessage message) =>
            Delivered[message.Id] = Delivered.GetValueOrDefault(message.Id) + 1;
    }
}
