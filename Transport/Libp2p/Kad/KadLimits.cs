namespace ManagedSwarm.Transport.Libp2p.Kad;

/// <summary>How much of others' requests the DHT takes on.</summary>
internal sealed record KadLimits
{
    /// <summary>Of one peer at once. Other implementations open one for each request of a lookup.</summary>
    public int StreamsPerPeer { get; init; } = 32;

    /// <summary>Of one peer, in the long run; a stream that goes beyond is reset.</summary>
    public int RequestsPerSecond { get; init; } = 50;

    /// <summary>Of one peer at once.</summary>
    public int RequestBurst { get; init; } = 200;

    /// <summary>Peers whose requests are counted, those with streams before others; a peer that comes back has a new count.</summary>
    public int CountedPeers { get; init; } = 1024;

    /// <summary>Providers in one answer.</summary>
    public int Providers { get; init; } = 32;

    /// <summary>Providers that a lookup finds at most.</summary>
    public int FoundProviders { get; init; } = 256;

    public ProviderLimits Stored { get; init; } = new();
}
