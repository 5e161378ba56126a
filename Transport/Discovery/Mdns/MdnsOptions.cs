using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ManagedSwarm.Transport.Discovery.Mdns;

/// <summary>How mDNS works.</summary>
public sealed record MdnsOptions
{
    /// <summary>The names of the network interfaces that are used; null: all that can multicast, but for loopback; none: none.</summary>
    public IReadOnlyList<string>? Interfaces { get; init; }

    public MdnsTiming Timing { get; init; } = new();

    /// <summary>The clock of all waits, and of the day.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ILogger Logger { get; init; } = NullLogger.Instance;
}
