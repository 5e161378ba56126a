namespace ManagedSwarm.Transport.Libp2p.Kad;

/// <summary>How a lookup goes.</summary>
internal sealed record LookupOptions
{
    /// <summary>k: how many of the closest are looked for.</summary>
    public int Closest { get; init; } = RoutingTable.DefaultBucketSize;

    /// <summary>α: how many are asked at once.</summary>
    public int Parallelism { get; init; } = 10;

    /// <summary>Requests in all. An honest network of a million needs half of them; liars could go on for ever.</summary>
    public int MaxRequests { get; init; } = 128;

    /// <summary>Peers that are remembered, the closest; those whose requests are under way or over are among them.</summary>
    public int MaxCandidates { get; init; } = 256;

    /// <summary>Peers that one peer has named and that do not answer; then the others that it alone has named are not asked.</summary>
    public int MaxBogus { get; init; } = 8;
}
