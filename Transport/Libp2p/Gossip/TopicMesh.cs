namespace ManagedSwarm.Transport.Libp2p.Gossip;

/// <summary>A topic that this peer subscribes to: who else does, and which of them are its neighbours in the topic's mesh.</summary>
internal sealed class TopicMesh(string name, int maxBackoffs)
{
    private Dictionary<PeerId, TimeSpan>? _backoffs;

    public string Name => name;

    /// <summary>Connected peers that subscribe to it.</summary>
    public List<GossipPeer> Subscribers { get; } = [];

    /// <summary>Those of them that are sent each message in full.</summary>
    public List<GossipPeer> Neighbours { get; } = [];

    /// <summary>Peers that may not be neighbours now.</summary>
    public int BackoffCount => _backoffs?.Count ?? 0;

    /// <summary>Whether a peer may not be a neighbour yet.</summary>
    public bool IsBackedOff(PeerId peer, TimeSpan now) => _backoffs is not null && _backoffs.TryGetValue(peer, out var end) && now < end;

    /// <summary>A peer may not be a neighbour until a time; a later one that was said before still holds.</summary>
    public void BackOff(PeerId peer, TimeSpan end)
    {
        _backoffs ??= [];
        if (_backoffs.TryGetValue(peer, out var known) ? end > known : _backoffs.Count < maxBackoffs)
        {
            _backoffs[peer] = end;
        }
    }

    /// <summary>Forgets times that are over.</summary>
    public void ForgetBackoffs(TimeSpan now)
    {
        foreach (var (peer, end) in _backoffs ?? [])
        {
            if (end <= now)
            {
                _backoffs!.Remove(peer);
            }
        }
    }

    /// <summary>A peer is gone from the topic.</summary>
    public bool Remove(GossipPeer peer)
    {
        Neighbours.Remove(peer);
        return Subscribers.Remove(peer);
    }
}
