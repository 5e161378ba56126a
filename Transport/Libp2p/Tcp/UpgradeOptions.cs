using ManagedSwarm.Transport.Libp2p.PrivateNetwork;

namespace ManagedSwarm.Transport.Libp2p.Tcp;

/// <summary>What both sides of a connection must agree on.</summary>
internal sealed record UpgradeOptions
{
    /// <summary>The private network's key; none: anybody may see that this is libp2p.</summary>
    public PreSharedKey? PreSharedKey { get; init; }

    /// <summary>What both sides must know beforehand for their handshake to succeed; nothing is what other implementations have.</summary>
    public ReadOnlyMemory<byte> Prologue { get; init; }

    /// <summary>The multiplexers that are offered and served, the preferred one first.</summary>
    public IReadOnlyList<string> Muxers { get; init; } = ["/yamux/1.0.0"];

    /// <summary>Whether multiplexers are agreed on within the Noise handshake where the other side can, which saves a round trip.</summary>
    public bool OffersMuxersEarly { get; init; } = true;

    /// <summary>How long all handshakes of a connection may take together.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The clock of <see cref="HandshakeTimeout"/>.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
