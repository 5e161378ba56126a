namespace ManagedSwarm.Transport.Libp2p.Gossip;

/// <summary>
/// Ids of messages that have been here: in two sets, the younger of which takes the place of the elder after a time, or when it is full. So
/// an id is known for that time at least and for twice as long at most, and costs nothing but its place.
/// </summary>
/// <param name="time">How long an id is known at least.</param>
/// <param name="capacity">Ids in all.</param>
internal sealed class SeenCache(TimeSpan time, int capacity)
{
    private HashSet<GossipMessageId> _young = [];
    private HashSet<GossipMessageId> _old = [];
    private TimeSpan _since;

    /// <summary>Ids that are known.</summary>
    public int Count => _young.Count + _old.Count;

    public bool Contains(GossipMessageId id) => _young.Contains(id) || _old.Contains(id);

    /// <returns>False: it was here already.</returns>
    public bool Add(GossipMessageId id, TimeSpan now)
    {
        Age(now);
        if (Contains(id))
        {
            return false;
        }

        if (_young.Count >= capacity / 2)
        {
            Turn(now);
        }

        return _young.Add(id);
    }

    /// <summary>Forgets what is over.</summary>
    public void Age(TimeSpan now)
    {
        if (now - _since < time)
        {
            return;
        }

        // What is twice as old is in neither set then.
        var isLongAgo = now - _since >= 2 * time;
        Turn(now);
        if (isLongAgo)
        {
            _old.Clear();
        }
    }

    private void Turn(TimeSpan now)
    {
        (_young, _old) = (_old, _young);
        _young.Clear();
        _since = now;
    }
}
