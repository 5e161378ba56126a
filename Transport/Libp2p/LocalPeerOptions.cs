using System.Diagnostics.Metrics;
using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Libp2p.Yamux;
using ManagedSwarm.Transport.Token;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ManagedSwarm.Transport.Libp2p;

/// <summary>How a local peer works.</summary>
public sealed record LocalPeerOptions
{
    /// <summary>Where it listens when it is told to.</summary>
    public IReadOnlyList<Multiaddress> ListenAddresses { get; init; } = [];

    /// <summary>The private network's key, 32 bytes, a secret; none: connections are not hidden.</summary>
    public ReadOnlyMemory<byte> PreSharedKey { get; init; }

    /// <summary>What both sides of a Noise handshake must know, a secret; nothing is what other implementations have.</summary>
    public ReadOnlyMemory<byte> Prologue { get; init; }

    /// <summary>
    /// Whether protocols that a peer has said it serves are proposed together with a stream's first data, which saves a round trip. Where it
    /// serves them no more, the first read finds it out: <c>protocol_refused</c>.
    /// </summary>
    public bool ProposesLazily { get; init; } = true;

    /// <summary>
    /// Whether the multiplexer is agreed on within the Noise handshake where the other side can, which saves a round trip; otherwise, and where
    /// it cannot, it is agreed on afterwards.
    /// </summary>
    public bool OffersMuxersEarly { get; init; } = true;

    public LocalPeerLimits Limits { get; init; } = new();

    public LocalPeerTimeouts Timeouts { get; init; } = new();

    /// <summary>The clock of all waits.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Makes the meter; null: nobody measures.</summary>
    public IMeterFactory? Meters { get; init; }

    /// <summary>Another peer's, which are told of this one's bytes too; null: it has its own.</summary>
    internal TransportMetrics? Metrics { get; init; }

    internal YamuxOptions Yamux { get; init; } = new();

    /// <summary>Those of a swarm's member: hidden by its key, unless the token says that speed is worth more, and open to nobody without the token.</summary>
    public static LocalPeerOptions For(SwarmToken token)
    {
        var keys = new SwarmKeys(token);
        return new()
        {
            PreSharedKey = token.Flags.HasFlag(SwarmTokenFlags.Fast) ? default : keys.PreSharedKey,
            Prologue = keys.Prologue,
        };
    }
}
