namespace ManagedSwarm.Transport.Libp2p.Gossip;

/// <summary>The messages of the last heartbeats, for those who ask for them. Bounded: the oldest go first.</summary>
internal sealed class MessageCache(GossipOptions options)
{
    private readonly Queue<CachedMessage> _ages = new();
    private readonly Dictionary<GossipMessageId, CachedMessage> _messages = [];
    private int _window;
    private long _bytes;

    public int Count => _messages.Count;

    /// <summary>Keeps a message.</summary>
    /// <returns>What says it and nothing else.</returns>
    public GossipRpc Add(GossipMessage message, GossipPeer? source, GossipRpc? rpc = null)
    {
        var cached = new CachedMessage(message, rpc ?? new GossipRpc { Messages = [message] }, source, _window);
        if (_messages.TryAdd(message.Id, cached))
        {
            _ages.Enqueue(cached);
            _bytes += cached.Rpc.EncodedSize;
            while (_ages.Count > options.MaxCached || _bytes > options.MaxCachedBytes)
            {
                DropOldest();
            }
        }

        return cached.Rpc;
    }

    public CachedMessage? Find(GossipMessageId id) => _messages.GetValueOrDefault(id);

    /// <summary>Adds the messages of a topic that others are to hear of, oldest first.</summary>
    public void CollectGossip(string topic, List<CachedMessage> messages)
    {
        foreach (var cached in _ages)
        {
            if (cached.Window > _window - options.GossipedHeartbeats && cached.Message.Topic == topic)
            {
                messages.Add(cached);
            }
        }
    }

    /// <summary>A heartbeat is over.</summary>
    public void Shift()
    {
        _window++;
        while (_ages.TryPeek(out var oldest) && oldest.Window <= _window - options.CachedHeartbeats)
        {
            DropOldest();
        }
    }

    private void DropOldest()
    {
        var oldest = _ages.Dequeue();
        _messages.Remove(oldest.Message.Id);
        _bytes -= oldest.Rpc.EncodedSize;
    }
}
