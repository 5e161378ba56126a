namespace ManagedSwarm.Transport.Libp2p.Gossip;

/// <summary>What a router knows about a connected peer, and what it is about to say to it.</summary>
internal sealed class GossipPeer(PeerId id)
{
    private List<GossipSubscription>? _subscriptions;
    private List<GossipHave>? _haves;
    private List<GossipMessageId>? _wants;
    private List<string>? _grafts;
    private List<GossipPrune>? _prunes;

    public PeerId Id => id;

    /// <summary>Topics that it subscribes to and this peer does not.</summary>
    public List<string> ForeignTopics { get; } = [];

    /// <inheritdoc cref="GossipRpc.NamesByKey"/>
    public bool NamesByKey { get; set; }

    /// <summary>IHAVEs of it since the last heartbeat.</summary>
    public int Haves { get; set; }

    /// <summary>Messages it was asked for since the last heartbeat.</summary>
    public int Asked { get; set; }

    /// <summary>Messages it has asked for since the last heartbeat.</summary>
    public int Wanted { get; set; }

    /// <summary>Bytes of those that it got.</summary>
    public int WantedBytes { get; set; }

    /// <summary>Messages of it since the last heartbeat that were not accepted.</summary>
    public int Refused { get; set; }

    /// <summary>Whether there is something to say.</summary>
    public bool HasPending { get; private set; }

    public void BeginHeartbeat() => (Haves, Asked, Wanted, WantedBytes, Refused) = (0, 0, 0, 0, 0);

    public void Say(GossipSubscription subscription) => Add(ref _subscriptions, subscription);

    public void Say(GossipHave have) => Add(ref _haves, have);

    public void Ask(GossipMessageId id) => Add(ref _wants, id);

    public void Graft(string topic) => Add(ref _grafts, topic);

    public void Prune(GossipPrune prune) => Add(ref _prunes, prune);

    /// <summary>All that is to be said.</summary>
    public GossipRpc TakePending()
    {
        var rpc = new GossipRpc
        {
            Subscriptions = Take(ref _subscriptions),
            Haves = Take(ref _haves),
            Wants = Take(ref _wants),
            Grafts = Take(ref _grafts),
            Prunes = Take(ref _prunes),
            NamesByKey = NamesByKey,
        };
        HasPending = false;
        return rpc;
    }

    private void Add<T>(ref List<T>? list, T value)
    {
        (list ??= []).Add(value);
        HasPending = true;
    }

    private static IReadOnlyList<T> Take<T>(ref List<T>? list)
    {
        IReadOnlyList<T> taken = list is null ? [] : list;
        list = null;
        return taken;
    }
}
