using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ManagedSwarm.Transport.Libp2p.Messages;

/// <summary>How a protocol's messages travel.</summary>
internal sealed record PeerMessageOptions
{
    /// <summary>The protocol's ids: streams of all of them are taken, and the first that a peer serves is opened.</summary>
    public required IReadOnlyList<string> ProtocolIds { get; init; }

    public required IMessageFraming Framing { get; init; }

    /// <summary>Bytes of a message, without its length.</summary>
    public int MaxMessageBytes { get; init; } = 1 << 20;

    /// <summary>Messages that wait for a peer; one more is dropped.</summary>
    public int MaxQueuedMessages { get; init; } = 1_024;

    /// <summary>Bytes of them.</summary>
    public int MaxQueuedBytes { get; init; } = 4 << 20;

    /// <summary>
    /// Streams of one peer that are read at once; with one more, the oldest is reset. A peer needs a second one while it changes over.
    /// </summary>
    public int MaxInboundStreams { get; init; } = 2;

    /// <summary>How long a stream that broke, or could not be opened, is left alone. Doubles from time to time.</summary>
    public TimeSpan ReopenDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>What that doubles to. A stream that has lasted for so long begins anew.</summary>
    public TimeSpan MaxReopenDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a peer may take nothing before its stream is reset.</summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long it may take until what waits is sent, and the other side has closed, when all ends.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The clock of all waits.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ILogger Logger { get; init; } = NullLogger.Instance;
}
