namespace ManagedSwarm.Transport.Libp2p.Gossip;

/// <summary>How gossip spreads, and what a peer may ask for. Names in brackets are the specification's.</summary>
internal sealed record GossipOptions
{
    /// <summary>Neighbours of a mesh that are wanted [D].</summary>
    public int MeshSize { get; init; } = 6;

    /// <summary>With fewer neighbours, more are asked [D_low].</summary>
    public int MinMeshSize { get; init; } = 4;

    /// <summary>With more neighbours, some are let go; with as many, nobody else becomes one [D_high].</summary>
    public int MaxMeshSize { get; init; } = 12;

    /// <summary>Others that hear at each heartbeat which messages are here [D_lazy].</summary>
    public int LazySize { get; init; } = 6;

    /// <summary>The part of the others that hear of messages, where that is more than <see cref="LazySize"/>.</summary>
    public double LazyFactor { get; init; } = 0.25;

    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Heartbeats for which a message is kept for those who ask [mcache_len].</summary>
    public int CachedHeartbeats { get; init; } = 5;

    /// <summary>Heartbeats at which others hear of a message [mcache_gossip].</summary>
    public int GossipedHeartbeats { get; init; } = 3;

    /// <summary>How long it is known at least that a message was here [seen_ttl].</summary>
    public TimeSpan SeenTime { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>How long a neighbour that was let go may not be one again.</summary>
    public TimeSpan PruneBackoff { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The same, where a peer has left the topic.</summary>
    public TimeSpan UnsubscribeBackoff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest time that another peer may ask for.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Whether a message may be delivered and sent on; asked once for each that was not here yet, with who sent it. Null: all may. One that
    /// may not is not remembered: so nobody can keep an author's message from others by forging one of the same number before.
    /// </summary>
    public Func<PeerId, GossipMessage, bool>? Accepts { get; init; }

    /// <summary>Messages between two heartbeats that were not accepted; what else the peer sends until the next is not looked at.</summary>
    public int MaxRefused { get; init; } = 16;

    /// <summary>Bytes of a message as it is sent.</summary>
    public int MaxMessageBytes { get; init; } = 64 << 10;

    /// <summary>Bytes of what a peer says at once.</summary>
    public int MaxRpcBytes { get; init; } = 1 << 20;

    /// <summary>Subscriptions, IHAVEs, GRAFTs and PRUNEs that are heard in what a peer says at once: of each kind so many.</summary>
    public int MaxControls { get; init; } = 64;

    /// <summary>Characters of a topic's name.</summary>
    public int MaxTopicChars { get; init; } = 256;

    /// <summary>Topics of a peer that are remembered although this peer does not subscribe to them now.</summary>
    public int MaxForeignTopics { get; init; } = 16;

    /// <summary>Ids that a peer hears of one topic at a heartbeat, the newest.</summary>
    public int MaxHaveIds { get; init; } = 1_000;

    /// <summary>IHAVEs of a peer that are heard between two heartbeats.</summary>
    public int MaxHaves { get; init; } = 10;

    /// <summary>Messages that a peer is asked for between two heartbeats, and that it may ask for.</summary>
    public int MaxWants { get; init; } = 1_000;

    /// <summary>Bytes of messages that a peer gets between two heartbeats because it has asked.</summary>
    public int MaxWantedBytes { get; init; } = 4 << 20;

    /// <summary>How often a peer gets the same message by asking.</summary>
    public int MaxRepeats { get; init; } = 3;

    /// <summary>Peers that are asked for the same message between two heartbeats.</summary>
    public int MaxAsked { get; init; } = 2;

    /// <summary>Messages that are known to have been here. With more, the time for which it is known gets shorter.</summary>
    public int MaxSeen { get; init; } = 128 << 10;

    /// <summary>Messages that are kept for those who ask; with more, for a shorter time.</summary>
    public int MaxCached { get; init; } = 8 << 10;

    /// <summary>Bytes of them.</summary>
    public int MaxCachedBytes { get; init; } = 16 << 20;

    /// <summary>Peers of a topic that may not be neighbours for a while; one more, and it may.</summary>
    public int MaxBackoffs { get; init; } = 4 << 10;
}
