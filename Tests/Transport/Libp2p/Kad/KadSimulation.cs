using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Kad;

namespace ManagedSwarm.Tests.Transport.Libp2p.Kad;

/// <summary>
/// A DHT in memory: the routing tables, provider stores and lookups of many nodes, with no time in it and no wire but function calls. Each
/// node joins by one that is there already, as over the network.
/// </summary>
internal sealed class KadSimulation
{
    private readonly Random _random;
    private readonly List<Node> _nodes = [];
    private readonly Dictionary<PeerId, Node> _byId = [];

    public KadSimulation(int count, int seed)
    {
        _random = new(seed);
        for (var i = 0; i < count; i++)
        {
            Join();
        }
    }

    public IReadOnlyList<Node> Nodes => _nodes;

    public IReadOnlyList<Node> Live => [.. _nodes.Where(node => node.IsAlive)];

    /// <summary>Ends some of the nodes; the others do not know.</summary>
    public void Kill(double part)
    {
        foreach (var node in _nodes.Where(_ => _random.NextDouble() < part))
        {
            node.IsAlive = false;
        }
    }

    /// <summary>Looks for a key as <see cref="LookupRun"/> does.</summary>
    public (Lookup Lookup, HashSet<PeerId> Providers) LookUp(Node node, KadId key)
    {
        HashSet<PeerId> providers = [.. node.Providers.Find(key, 32, default).Select(peer => peer.Id)];
        var lookup = new Lookup(key, node.Peer.Id, new(), node.Table.FindClosest(key, 20));
        while (!lookup.IsComplete)
        {
            foreach (var asked in lookup.Next())
            {
                if (_byId.TryGetValue(asked.Id, out var other) && other.IsAlive)
                {
                    node.Table.Add(other.Peer, default);
                    other.Table.Add(node.Peer, default);
                    providers.UnionWith(other.Providers.Find(key, 32, default).Select(peer => peer.Id));
                    lookup.Answer(asked, other.Answer(node, key));
                }
                else
                {
                    node.Table.Fail(asked.Id);
                    lookup.Fail(asked);
                }
            }
        }

        return (lookup, providers);
    }

    /// <summary>Provides a key as <see cref="KadService.MeetAsync"/> does.</summary>
    public Lookup Provide(Node node, KadId key)
    {
        var (lookup, _) = LookUp(node, key);
        foreach (var closest in lookup.Closest.Select(peer => _byId[peer.Id]))
        {
            closest.Providers.Add(key, node.Peer.Id, [node.Peer], default);
        }

        return lookup;
    }

    public Node Pick() => Live[_random.Next(Live.Count)];

    public Node Join(Func<KadId, IReadOnlyList<KadPeer>>? lie = null)
    {
        var node = new Node(KadPeers.Next(_random), _random.Next(), lie);
        if (_nodes.Count > 0)
        {
            var first = Pick();
            node.Table.Add(first.Peer, default);
            first.Table.Add(node.Peer, default);
        }

        _nodes.Add(node);
        _byId.Add(node.Peer.Id, node);
        LookUp(node, node.Peer.Place);
        return node;
    }

    /// <param name="peer">Its name.</param>
    /// <param name="seed">Of its store.</param>
    /// <param name="lie">What it answers instead of the truth; null: the truth.</param>
    internal sealed class Node(KadPeer peer, int seed, Func<KadId, IReadOnlyList<KadPeer>>? lie)
    {
        public KadPeer Peer => peer;

        public RoutingTable Table { get; } = new(peer.Id);

        public ProviderStore Providers { get; } = new(new(), seed);

        public bool IsAlive { get; set; } = true;

        public IReadOnlyList<KadPeer> Answer(Node asker, KadId key) =>
            lie?.Invoke(key) ?? [.. Table.FindClosest(key, 20).Where(other => other.Id != asker.Peer.Id)];
    }
}
