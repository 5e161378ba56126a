namespace ManagedSwarm.Transport.Libp2p.Kad;

/// <summary>
/// Peers whose places have the same number of first bits in common with this node's. Those that are known to live are kept before new
/// ones, which wait until one of them fails: who has lived long is likely to go on.
/// </summary>
/// <param name="size">How many; as many wait.</param>
internal sealed class KBucket(int size)
{
    // Requests in a row that a peer may leave unanswered where nobody waits for its place: it may have been this node's own network.
    private const int MaxFailures = 2;

    // Those that were seen longest ago are the first.
    private readonly List<Entry> _entries = [];
    private readonly List<Entry> _waiting = [];

    public int Count => _entries.Count;

    public bool IsFull => _entries.Count >= size;

    /// <summary>Those that have answered the last request.</summary>
    public IEnumerable<KadPeer> Live => _entries.Where(entry => entry.Failures == 0).Select(entry => entry.Peer);

    public KadPeer? Find(PeerId peer) => _entries.Find(entry => entry.Peer.Id == peer)?.Peer;

    /// <summary>A peer lives.</summary>
    /// <returns>Whether it has got a place now.</returns>
    public bool Add(KadPeer peer, TimeSpan now)
    {
        var known = Take(_entries, peer.Id);
        if (known is null && IsFull && !DropFailed())
        {
            var waits = Take(_waiting, peer.Id);
            if (_waiting.Count >= size)
            {
                _waiting.RemoveAt(0);
            }

            _waiting.Add(new(Newer(waits, peer), now));
            return false;
        }

        Take(_waiting, peer.Id);
        _entries.Add(new(Newer(known, peer), now));
        return known is null;
    }

    /// <summary>A peer has not answered.</summary>
    public void Fail(PeerId peer)
    {
        Take(_waiting, peer);
        if (_entries.Find(entry => entry.Peer.Id == peer) is not { } entry)
        {
            return;
        }

        entry.Failures++;
        if (_waiting.Count > 0)
        {
            _entries.Remove(entry);
            _entries.Insert(0, _waiting[^1]);
            _waiting.RemoveAt(_waiting.Count - 1);
        }
        else if (entry.Failures >= MaxFailures)
        {
            _entries.Remove(entry);
        }
    }

    /// <summary>Those that have not been seen since a time, the longest first.</summary>
    public IEnumerable<KadPeer> UnseenSince(TimeSpan since) =>
        _entries.Where(entry => entry.Seen < since).OrderBy(entry => entry.Seen).Select(entry => entry.Peer);

    private bool DropFailed()
    {
        var failed = _entries.FindIndex(entry => entry.Failures > 0);
        if (failed >= 0)
        {
            _entries.RemoveAt(failed);
        }

        return failed >= 0;
    }

    /// <summary>What is said last counts, unless it says nothing.</summary>
    private static KadPeer Newer(Entry? known, KadPeer peer) => known is not null && peer.Addresses.Count == 0 ? known.Peer : peer;

    private static Entry? Take(List<Entry> entries, PeerId peer)
    {
        var index = entries.FindIndex(entry => entry.Peer.Id == peer);
        if (index < 0)
        {
            return null;
        }

        var entry = entries[index];
        entries.RemoveAt(index);
        return entry;
    }

    private sealed class Entry(KadPeer peer, TimeSpan seen)
    {
        public KadPeer Peer => peer;

        public TimeSpan Seen => seen;

        public int Failures { get; set; }
    }
}
