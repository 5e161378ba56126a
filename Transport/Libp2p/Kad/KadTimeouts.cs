namespace ManagedSwarm.Transport.Libp2p.Kad;

/// <summary>How long the DHT waits.</summary>
internal sealed record KadTimeouts
{
    /// <summary>For a peer's answer, the dial to it included.</summary>
    public TimeSpan Request { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For a lookup; then what it has found so far is its outcome.</summary>
    public TimeSpan Lookup { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>For the next request of a stream that another peer has opened.</summary>
    public TimeSpan NextRequest { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For what a peer that connects says about itself.</summary>
    public TimeSpan Identify { get; init; } = TimeSpan.FromSeconds(10);
}
