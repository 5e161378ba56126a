namespace ManagedSwarm.Transport.Libp2p.Kad;

/// <summary>What this node knows of the DHT: its routing table, and what others have told it to keep. Safe for use by many threads.</summary>
internal sealed class KadDirectory(PeerId self, KadOptions options)
{
    private readonly Lock _gate = new();
    private readonly RoutingTable _table = new(self, options.Lookup.Closest);
    private readonly ProviderStore _providers = new(options.Limits.Stored, options.Seed);
    private readonly long _start = options.Time.GetTimestamp();
    private TaskCompletionSource _hasPeers = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public PeerId Self => self;

    /// <summary>Peers in the routing table.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _table.Count;
            }
        }
    }

    /// <summary>Providers of all keys together.</summary>
    public int StoredProviders
    {
        get
        {
            lock (_gate)
            {
                return _providers.Count;
            }
        }
    }

    /// <summary>See <see cref="RoutingTable.RefreshableBuckets"/>.</summary>
    public int RefreshableBuckets
    {
        get
        {
            lock (_gate)
            {
                return _table.RefreshableBuckets;
            }
        }
    }

    /// <summary>Ends while there is a peer in the routing table.</summary>
    public Task HasPeers
    {
        get
        {
            lock (_gate)
            {
                return _hasPeers.Task;
            }
        }
    }

    private TimeSpan Now => options.Time.GetElapsedTime(_start);

    /// <summary>A peer serves the DHT and lives.</summary>
    public void See(KadPeer peer)
    {
        lock (_gate)
        {
            _table.Add(peer, Now);
            NotePeers();
        }
    }

    /// <summary>A peer has not answered.</summary>
    public void Fail(PeerId peer)
    {
        lock (_gate)
        {
            _table.Fail(peer);
            NotePeers();
        }
    }

    public KadPeer? Find(PeerId peer)
    {
        lock (_gate)
        {
            return _table.Find(peer);
        }
    }

    /// <summary>The k closest to a place, the closest first.</summary>
    public IReadOnlyList<KadPeer> FindClosest(KadId place)
    {
        lock (_gate)
        {
            return _table.FindClosest(place, options.Lookup.Closest);
        }
    }

    /// <summary>See <see cref="RoutingTable.UnseenSince"/>.</summary>
    /// <param name="age">Those that were seen within it are left alone.</param>
    public IReadOnlyList<KadPeer> UnseenFor(TimeSpan age)
    {
        lock (_gate)
        {
            return _table.UnseenSince(Now - age);
        }
    }

    /// <summary>See <see cref="ProviderStore.Add"/>.</summary>
    public ProviderOutcome AddProvider(ReadOnlyMemory<byte> key, PeerId sender, IReadOnlyList<KadPeer> providers)
    {
        lock (_gate)
        {
            return _providers.Add(KadId.Of(key.Span), sender, providers, Now);
        }
    }

    /// <summary>See <see cref="ProviderStore.Find"/>.</summary>
    public IReadOnlyList<KadPeer> FindProviders(ReadOnlyMemory<byte> key)
    {
        lock (_gate)
        {
            return _providers.Find(KadId.Of(key.Span), options.Limits.Providers, Now);
        }
    }

    private void NotePeers()
    {
        if (_table.Count > 0)
        {
            _hasPeers.TrySetResult();
        }
        else if (_hasPeers.Task.IsCompleted)
        {
            _hasPeers = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
