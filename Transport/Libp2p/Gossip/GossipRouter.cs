namespace ManagedSwarm.Transport.Libp2p.Gossip;

/// <summary>
/// Spreads messages among the peers that subscribe to their topics, by gossipsub v1.1
/// (https://github.com/libp2p/specs/blob/master/pubsub/gossipsub/gossipsub-v1.1.md): own messages go to all of them that are connected,
/// those of others to the neighbours in the topic's mesh; the rest hear at heartbeats which messages there are, and ask for what they lack.
/// Without scores, peer exchange and fan-out, which a swarm closed to strangers needs not.
/// </summary>
/// <remarks>
/// A state machine without I/O, one call at a time. <c>now</c> is the time since any fixed start, by a clock that never goes back. The same
/// calls with the same seed have the same results. What peers say is bounded by <see cref="GossipOptions"/>; more is ignored.
/// </remarks>
/// <param name="self">Who this peer is.</param>
/// <param name="options">How it works.</param>
/// <param name="seed">Of all that is chosen by chance.</param>
/// <param name="output">What it does.</param>
internal sealed partial class GossipRouter(PeerId self, GossipOptions options, int seed, IGossipOutput output)
{
    private readonly Random _random = new(seed);
    private readonly Dictionary<PeerId, GossipPeer> _peers = [];
    private readonly Dictionary<string, TopicMesh> _topics = new(StringComparer.Ordinal);
    private readonly SeenCache _seen = new(options.SeenTime, options.MaxSeen);
    private readonly MessageCache _cache = new(options);
    private readonly List<GossipPeer> _speakingTo = [];

    /// <summary>When <see cref="Tick"/> is to be called next; <see cref="TimeSpan.MaxValue"/>: nothing has happened yet.</summary>
    public TimeSpan NextTick { get; private set; } = TimeSpan.MaxValue;

    /// <summary>Messages that were asked for, counted again where several peers were.</summary>
    public long AskedCount { get; private set; }

    /// <summary>Messages that are known to have been here.</summary>
    public int SeenCount => _seen.Count;

    /// <summary>Messages that are kept for those who ask.</summary>
    public int CachedCount => _cache.Count;

    /// <summary>The neighbours in a topic's mesh; none: this peer does not subscribe to it.</summary>
    public IReadOnlyList<PeerId> NeighboursOf(string topic) => IdsOf(_topics.GetValueOrDefault(topic)?.Neighbours);

    /// <summary>The connected peers that subscribe to a topic that this one subscribes to.</summary>
    public IReadOnlyList<PeerId> SubscribersOf(string topic) => IdsOf(_topics.GetValueOrDefault(topic)?.Subscribers);

    /// <summary>
    /// A peer is connected that speaks this protocol. For one that is already: its stream is a new one, what was said last may be lost, and
    /// is said again.
    /// </summary>
    public void AddPeer(PeerId peer, TimeSpan now)
    {
        if (peer == self)
        {
            return;
        }

        Start(now);
        if (!_peers.TryGetValue(peer, out var known))
        {
            _peers.Add(peer, known = new GossipPeer(peer));
        }

        foreach (var mesh in _topics.Values)
        {
            known.Say(new GossipSubscription(mesh.Name, true));
            if (mesh.Neighbours.Contains(known))
            {
                known.Graft(mesh.Name);
            }
        }

        Speak(known);
        Flush();
    }

    /// <summary>A peer is not connected any more.</summary>
    public void RemovePeer(PeerId peer)
    {
        if (_peers.Remove(peer, out var known))
        {
            foreach (var mesh in _topics.Values)
            {
                mesh.Remove(known);
            }
        }
    }

    /// <summary>Has a topic's messages delivered from now on.</summary>
    public void Subscribe(string topic, TimeSpan now)
    {
        Start(now);
        if (_topics.ContainsKey(topic))
        {
            return;
        }

        var mesh = new TopicMesh(topic, options.MaxBackoffs);
        _topics.Add(topic, mesh);
        foreach (var peer in _peers.Values)
        {
            if (peer.ForeignTopics.Remove(topic))
            {
                mesh.Subscribers.Add(peer);
            }

            peer.Say(new GossipSubscription(topic, true));
            Speak(peer);
        }

        GraftMore(mesh, now);
        Flush();
    }

    /// <summary>Has them delivered no more.</summary>
    public void Unsubscribe(string topic)
    {
        if (!_topics.Remove(topic, out var mesh))
        {
            return;
        }

        foreach (var peer in mesh.Neighbours)
        {
            peer.Prune(new GossipPrune(topic, options.UnsubscribeBackoff));
        }

        foreach (var peer in _peers.Values)
        {
            peer.Say(new GossipSubscription(topic, false));
            Speak(peer);
        }

        foreach (var peer in mesh.Subscribers)
        {
            RememberForeign(peer, topic);
        }

        Flush();
    }

    /// <summary>Sends a message of this peer to all that are connected and subscribe to its topic. It is not delivered here.</summary>
    /// <param name="message">Signed, where others want that.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="SwarmException"><c>message_too_large</c></exception>
    public void Publish(GossipMessage message, TimeSpan now)
    {
        if (message.EncodedSize is var size && size > options.MaxMessageBytes)
        {
            throw new SwarmException(
                "message_too_large", $"A message of topic '{message.Topic}' has {size} bytes; allowed are {options.MaxMessageBytes}.");
        }

        Start(now);
        if (!_seen.Add(message.Id, now))
        {
            return;
        }

        var rpc = _cache.Add(message, source: null);
        if (_topics.TryGetValue(message.Topic, out var mesh))
        {
            SendAll(mesh.Subscribers, rpc, except: null, message.From);
            return;
        }

        foreach (var peer in _peers.Values)
        {
            if (peer.ForeignTopics.Contains(message.Topic))
            {
                output.Send(peer.Id, rpc);
            }
        }
    }

    private static IReadOnlyList<PeerId> IdsOf(List<GossipPeer>? peers) => peers is null ? [] : [.. peers.Select(peer => peer.Id)];

    private void Start(TimeSpan now)
    {
        // Not all routers of a swarm at the same moment.
        if (NextTick == TimeSpan.MaxValue)
        {
            NextTick = now + (options.HeartbeatInterval * _random.NextDouble());
        }
    }

    private void SendAll(List<GossipPeer> peers, GossipRpc rpc, GossipPeer? except, PeerId author)
    {
        foreach (var peer in peers)
        {
            if (peer != except && peer.Id != author)
            {
                output.Send(peer.Id, rpc);
            }
        }
    }

    /// <summary>There may be something to say to a peer when this call ends.</summary>
    private void Speak(GossipPeer peer)
    {
        if (peer.HasPending && !_speakingTo.Contains(peer))
        {
            _speakingTo.Add(peer);
        }
    }

    private void Flush()
    {
        foreach (var peer in _speakingTo)
        {
            output.Send(peer.Id, peer.TakePending());
        }

        _speakingTo.Clear();
    }

    private void RememberForeign(GossipPeer peer, string topic)
    {
        if (peer.ForeignTopics.Count < options.MaxForeignTopics
            && topic.Length <= options.MaxTopicChars
            && !peer.ForeignTopics.Contains(topic))
        {
            peer.ForeignTopics.Add(topic);
        }
    }
}
