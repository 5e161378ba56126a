using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ManagedSwarm.Transport.Libp2p.Kad;

/// <summary>How the DHT works.</summary>
internal sealed record KadOptions
{
    /// <summary>Where others are told to reach this node; null: where it listens.</summary>
    public Func<IReadOnlyList<Multiaddress>>? Addresses { get; init; }

    /// <summary>Whether a session with a peer is to stay that a lookup has opened; null: none is.</summary>
    public Func<PeerId, bool>? NeedsSession { get; init; }

    public LookupOptions Lookup { get; init; } = new();

    public KadLimits Limits { get; init; } = new();

    public KadTimeouts Timeouts { get; init; } = new();

    /// <summary>How often the routing table is looked after: a lookup of this node's own place, and of one in each full bucket.</summary>
    public TimeSpan RefreshInterval { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How often the sessions are looked through, while there is nobody to ask, for peers that serve the DHT by now. That sends nothing.
    /// </summary>
    public TimeSpan SessionsInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The clock of all waits.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Of all that is left to chance.</summary>
    public int Seed { get; init; } = Random.Shared.Next();
}
