using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ManagedSwarm.Transport.Discovery;

/// <summary>How often members are looked for in the DHT.</summary>
internal sealed record KadDiscoveryOptions
{
    /// <summary>From the first look to the second; each further one takes twice as long to come.</summary>
    public TimeSpan FirstInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// From one look to the next in the end. This node is made known as often, so it must be much less than others believe it:
    /// <see cref="Libp2p.Kad.ProviderLimits.TimeToLive"/>.
    /// </summary>
    public TimeSpan SteadyInterval { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The part of an interval by which it is made longer or shorter at random, so that nodes do not keep step.</summary>
    public double Jitter { get; init; } = 0.1;

    /// <summary>The clock of all waits, and the calendar of the keys.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Of all that is left to chance.</summary>
    public int Seed { get; init; } = Random.Shared.Next();
}
