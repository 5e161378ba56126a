namespace ManagedSwarm.Transport.Libp2p.Kad;

/// <summary>
/// Who provides which key, as the providers themselves have said (https://github.com/libp2p/specs/blob/master/kad-dht/README.md, "Content
/// provider routing"). Pure; one thread at a time; <c>now</c> is the time since any fixed start.
/// </summary>
/// <param name="limits">How much is remembered.</param>
/// <param name="seed">Of the choice among many providers.</param>
internal sealed class ProviderStore(ProviderLimits limits, int seed)
{
    private readonly Random _random = new(seed);

    // In both, what was said longest ago is the first.
    private readonly Dictionary<KadId, OrderedDictionary<PeerId, Record>> _byKey = [];
    private readonly Dictionary<PeerId, OrderedDictionary<KadId, Record>> _byProvider = [];

    /// <summary>Providers of all keys together.</summary>
    public int Count { get; private set; }

    public int KeyCount => _byKey.Count;

    /// <summary>Somebody says who provides a key; it is believed what it says of itself.</summary>
    /// <param name="key">The key's place.</param>
    /// <param name="sender">Who, as its handshake proved.</param>
    /// <param name="providers">Those that it names.</param>
    public ProviderOutcome Add(KadId key, PeerId sender, IReadOnlyList<KadPeer> providers, TimeSpan now)
    {
        if (providers.FirstOrDefault(provider => provider.Id == sender) is not { } named)
        {
            return ProviderOutcome.NotTheSender;
        }

        var provider = named.Usable();
        if (provider.Addresses.Count == 0)
        {
            return ProviderOutcome.NoAddress;
        }

        Expire(now);
        var isKnown = Remove(key, sender);
        MakeRoom(key, sender);
        Insert(key, new Record(key, provider, now + limits.TimeToLive));
        return isKnown ? ProviderOutcome.Renewed : ProviderOutcome.Added;
    }

    /// <summary>Those that provide a key: where there are more than are wanted, any of them, so that askers find different ones.</summary>
    public IReadOnlyList<KadPeer> Find(KadId key, int count, TimeSpan now)
    {
        Expire(now);
        if (!_byKey.TryGetValue(key, out var records))
        {
            return [];
        }

        var all = records.Values.Select(record => record.Provider).ToArray();
        if (all.Length > count)
        {
            _random.Shuffle(all);
        }

        return all.Length > count ? all[..count] : all;
    }

    /// <summary>Forgets those whose time is over.</summary>
    public void Expire(TimeSpan now)
    {
        foreach (var (key, records) in _byKey)
        {
            while (records.Count > 0 && records.GetAt(0) is var (peer, oldest) && oldest.Expires <= now)
            {
                Remove(key, peer);
            }
        }
    }

    private void MakeRoom(KadId key, PeerId provider)
    {
        if (_byProvider.TryGetValue(provider, out var own) && own.Count >= limits.KeysPerProvider)
        {
            Remove(own.GetAt(0).Key, provider);
        }

        if (_byKey.TryGetValue(key, out var others) && others.Count >= limits.ProvidersPerKey)
        {
            Remove(key, others.GetAt(0).Key);
        }

        if (Count >= limits.Records)
        {
            var (greediest, most) = _byProvider.MaxBy(pair => pair.Value.Count);
            var asksForMost = _byProvider.TryGetValue(provider, out own) && own.Count >= most.Count;
            Remove((asksForMost ? own! : most).GetAt(0).Key, asksForMost ? provider : greediest);
        }
    }

    private void Insert(KadId key, Record record)
    {
        if (!_byKey.TryGetValue(key, out var ofKey))
        {
            _byKey.Add(key, ofKey = []);
        }

        if (!_byProvider.TryGetValue(record.Provider.Id, out var ofProvider))
        {
            _byProvider.Add(record.Provider.Id, ofProvider = []);
        }

        ofKey.Add(record.Provider.Id, record);
        ofProvider.Add(key, record);
        Count++;
    }

    private bool Remove(KadId key, PeerId provider)
    {
        if (!_byKey.TryGetValue(key, out var ofKey) || !ofKey.Remove(provider))
        {
            return false;
        }

        if (ofKey.Count == 0)
        {
            _byKey.Remove(key);
        }

        var ofProvider = _byProvider[provider];
        ofProvider.Remove(key);
        if (ofProvider.Count == 0)
        {
            _byProvider.Remove(provider);
        }

        Count--;
        return true;
    }

    private sealed record Record(KadId Key, KadPeer Provider, TimeSpan Expires);
}
