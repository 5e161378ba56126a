namespace ManagedSwarm.Transport.Libp2p.Kad;

/// <summary>
/// The peers that this node asks: many of those close to it, few of those far away
/// (https://github.com/libp2p/specs/blob/master/kad-dht/README.md, "Kademlia routing table"). Pure; one thread at a time; <c>now</c> is the
/// time since any fixed start.
/// </summary>
/// <param name="self">This node: never in the table.</param>
/// <param name="bucketSize">k: peers for each number of first bits in common with this node.</param>
internal sealed class RoutingTable(PeerId self, int bucketSize = RoutingTable.DefaultBucketSize)
{
    /// <summary>The specification's.</summary>
    public const int DefaultBucketSize = 20;

    private readonly KadId _place = KadId.Of(self);

    // By bits in common. Each further one halves what can be in it, so few are ever used: 20 of a swarm of a million.
    private readonly SortedDictionary<int, KBucket> _buckets = [];

    public int Count => _buckets.Values.Sum(bucket => bucket.Count);

    /// <summary>
    /// How many buckets, from the one of the farthest, are worth filling by lookups of their own: those that are full, and one more. All
    /// that is closer is found with this node's own place.
    /// </summary>
    public int RefreshableBuckets => _buckets.Where(pair => pair.Value.IsFull).Select(pair => pair.Key + 1).DefaultIfEmpty(0).Max();

    public KadPeer? Find(PeerId peer) => peer == self ? null : BucketOf(KadId.Of(peer))?.Find(peer);

    /// <summary>A peer that serves the DHT lives.</summary>
    /// <returns>Whether it is new in the table.</returns>
    public bool Add(KadPeer peer, TimeSpan now)
    {
        if (peer.Id == self)
        {
            return false;
        }

        var bits = _place.CommonBits(peer.Place);
        if (!_buckets.TryGetValue(bits, out var bucket))
        {
            _buckets.Add(bits, bucket = new KBucket(bucketSize));
        }

        return bucket.Add(peer, now);
    }

    /// <summary>A peer has not answered a request.</summary>
    public void Fail(PeerId peer) => BucketOf(KadId.Of(peer))?.Fail(peer);

    /// <summary>Those closest to a place, the closest first, but for such as have just failed.</summary>
    public List<KadPeer> FindClosest(KadId place, int count)
    {
        var all = _buckets.Values.SelectMany(bucket => bucket.Live).ToList();
        all.Sort((left, right) => left.Place.DistanceTo(place).CompareTo(right.Place.DistanceTo(place)));
        return all.Count <= count ? all : all[..count];
    }

    /// <summary>Peers to be asked whether they still live: of each bucket the one that was not seen for longest.</summary>
    /// <param name="since">Those that were seen later are left alone.</param>
    public List<KadPeer> UnseenSince(TimeSpan since) =>
        [.. _buckets.Values.Select(bucket => bucket.UnseenSince(since).FirstOrDefault()).OfType<KadPeer>()];

    private KBucket? BucketOf(KadId place) => _buckets.GetValueOrDefault(_place.CommonBits(place));
}
