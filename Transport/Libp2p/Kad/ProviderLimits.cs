namespace ManagedSwarm.Transport.Libp2p.Kad;

/// <summary>How much a node remembers of who provides what.</summary>
internal sealed record ProviderLimits
{
    /// <summary>How long a provider is believed that does not say it again.</summary>
    public TimeSpan TimeToLive { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Keys of one provider; one more, and its oldest is forgotten. A member has those of the days around today.</summary>
    public int KeysPerProvider { get; init; } = 16;

    /// <summary>Providers of one key; one more, and the one that has said it longest ago is forgotten.</summary>
    public int ProvidersPerKey { get; init; } = 1024;

    /// <summary>Providers of all keys together; one more, and whoever takes most of the room loses its oldest.</summary>
    public int Records { get; init; } = 4096;
}
