using ManagedSwarm.Transport.Libp2p;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ManagedSwarm.Transport.Diagnostics.Doctor;

/// <summary>How a node answers others' doctors.</summary>
public sealed record DoctorServiceOptions
{
    /// <summary>What the node takes on, as its answers say.</summary>
    public LocalPeerLimits Limits { get; init; } = new();

    /// <summary>Questions that are answered at once; one more is refused.</summary>
    public int Streams { get; init; } = 8;

    /// <summary>For the next question of a stream, and for an answer to be taken.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>For dialing one address.</summary>
    public TimeSpan DialTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long an IP address waits until it is dialed for a question again.</summary>
    public TimeSpan DialPause { get; init; } = TimeSpan.FromSeconds(5);

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ILogger Logger { get; init; } = NullLogger.Instance;
}
