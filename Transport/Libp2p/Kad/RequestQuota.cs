using ManagedSwarm.Transport.Libp2p.Yamux;

namespace ManagedSwarm.Transport.Libp2p.Kad;

/// <summary>Counts the streams and requests of each peer. Safe for use by many threads.</summary>
internal sealed class RequestQuota(KadLimits limits, TimeProvider time)
{
    private readonly Lock _gate = new();

    // The peer that was heard of least recently is the first.
    private readonly OrderedDictionary<PeerId, Count> _counts = [];

    /// <summary>A peer has opened a stream.</summary>
    /// <exception cref="SwarmException"><c>too_many_streams</c></exception>
    public void Enter(PeerId peer)
    {
        lock (_gate)
        {
            var count = Touch(peer);
            if (count.Streams >= limits.StreamsPerPeer)
            {
                throw new SwarmException(
                    "too_many_streams", $"{peer} has {count.Streams} streams for the DHT, allowed are {limits.StreamsPerPeer}.");
            }

            count.Streams++;
        }
    }

    /// <summary>One of its streams is over.</summary>
    public void Leave(PeerId peer)
    {
        lock (_gate)
        {
            _counts[peer].Streams--;
        }
    }

    /// <summary>A peer that has a stream sends a request.</summary>
    /// <exception cref="SwarmException"><c>too_many_requests</c></exception>
    public void Take(PeerId peer)
    {
        lock (_gate)
        {
            if (!_counts[peer].Requests.TryTake())
            {
                throw new SwarmException(
                    "too_many_requests", $"{peer} sends more than {limits.RequestsPerSecond} requests per second to the DHT.");
            }
        }
    }

    /// <summary>Whether a peer has a stream.</summary>
    public bool IsIn(PeerId peer)
    {
        lock (_gate)
        {
            return _counts.TryGetValue(peer, out var count) && count.Streams > 0;
        }
    }

    private Count Touch(PeerId peer)
    {
        if (!_counts.Remove(peer, out var count))
        {
            DropOne();
            count = new(new RateLimit(limits.RequestBurst, limits.RequestsPerSecond, time));
        }

        _counts.Add(peer, count);
        return count;
    }

    private void DropOne()
    {
        for (var i = 0; i < _counts.Count && _counts.Count >= limits.CountedPeers; i++)
        {
            if (_counts.GetAt(i).Value.Streams == 0)
            {
                _counts.RemoveAt(i);
                return;
            }
        }
    }

    private sealed class Count(RateLimit requests)
    {
        public RateLimit Requests => requests;

        public int Streams { get; set; }
    }
}
