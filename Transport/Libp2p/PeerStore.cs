namespace ManagedSwarm.Transport.Libp2p;

/// <summary>
/// What is known about other peers: what they say about themselves, and addresses that have worked or that somebody has named. Safe for use
/// by many threads.
/// </summary>
public sealed class PeerStore
{
    // Those that others name are wishes; a peer has a handful.
    private const int MaxAddresses = 32;

    private readonly Lock _gate = new();
    private readonly int _capacity;

    // The peer that was heard of least recently is the first.
    private readonly OrderedDictionary<PeerId, Entry> _entries = [];

    internal PeerStore(int capacity) => _capacity = capacity;

    /// <summary>What a peer has said about itself; null: nothing, or it is forgotten.</summary>
    public PeerInfo? Find(PeerId peer)
    {
        lock (_gate)
        {
            return _entries.GetValueOrDefault(peer)?.Info;
        }
    }

    /// <summary>Where a peer may be reached, the most promising address first.</summary>
    public IReadOnlyList<Multiaddress> AddressesOf(PeerId peer)
    {
        lock (_gate)
        {
            var entry = _entries.GetValueOrDefault(peer);
            return entry is null ? [] : [.. entry.Addresses.Concat(entry.Info?.Addresses ?? []).Select(address => address.WithPeerId(peer)).Distinct()];
        }
    }

    /// <summary>Remembers where a peer may be reached; what is named last is tried first.</summary>
    /// <param name="peer">Who.</param>
    /// <param name="addresses">Those that cannot be dialed, or are another peer's, are left out.</param>
    public void AddAddresses(PeerId peer, params IReadOnlyList<Multiaddress> addresses)
    {
        lock (_gate)
        {
            var entry = Touch(peer);
            entry.Addresses = [.. addresses.Where(address => IsUsable(address, peer)).Concat(entry.Addresses).Distinct().Take(MaxAddresses)];
        }
    }

    /// <summary>Remembers what a peer says about itself, in place of what it said before.</summary>
    internal void Learn(PeerInfo info)
    {
        lock (_gate)
        {
            Touch(info.PeerId).Info = info with { Addresses = [.. info.Addresses.Where(address => IsUsable(address, info.PeerId))] };
        }
    }

    private static bool IsUsable(Multiaddress address, PeerId peer) =>
        address.TcpEndPoint is not null && address.TcpPort != 0 && (address.PeerId is not { } named || named == peer);

    private Entry Touch(PeerId peer)
    {
        if (_entries.Remove(peer, out var entry))
        {
            _entries.Add(peer, entry);
            return entry;
        }

        if (_entries.Count >= _capacity)
        {
            _entries.RemoveAt(0);
        }

        _entries.Add(peer, entry = new Entry());
        return entry;
    }

    private sealed class Entry
    {
        public IReadOnlyList<Multiaddress> Addresses { get; set; } = [];

        public PeerInfo? Info { get; set; }
    }
}
