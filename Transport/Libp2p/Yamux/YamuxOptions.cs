namespace ManagedSwarm.Transport.Libp2p.Yamux;

/// <summary>A connection's limits and waits.</summary>
internal sealed record YamuxOptions
{
    /// <summary>The window that both sides of a new stream begin with, in bytes; the specification's.</summary>
    public const int InitialWindow = 256 * 1024;

    /// <summary>Streams of the other side that may be open at once; one more is reset.</summary>
    public int MaxInboundStreams { get; init; } = 1024;

    /// <summary>Streams of this side that may be open at once.</summary>
    public int MaxOutboundStreams { get; init; } = 1024;

    /// <summary>Streams of the other side that may wait to be accepted; one more is reset. The specification asks for 256 at least.</summary>
    public int AcceptBacklog { get; init; } = 256;

    /// <summary>Streams of this side that the other has not accepted yet; opening one more waits. The specification asks for 256 at most.</summary>
    public int MaxUnacknowledged { get; init; } = 256;

    /// <summary>What a stream's receive window may grow to, in bytes.</summary>
    public int MaxWindow { get; init; } = 16 * 1024 * 1024;

    /// <summary>What all receive windows of a connection together may grow beyond those they began with, in bytes.</summary>
    public long MaxWindowGrowth { get; init; } = 64 * 1024 * 1024;

    /// <summary>
    /// Frames without data (window updates, answers to pings, resets) that may wait to be sent. More can only wait where the other side
    /// asks for answers and does not read them.
    /// </summary>
    public int MaxQueuedControlFrames { get; init; } = 16384;

    /// <summary>
    /// Streams that the other side may open in vain in one go: that it resets, or that are beyond a limit. So many legal ones at once are
    /// an application's change of mind; for ever they would be work for nothing.
    /// </summary>
    public int VainStreamBurst { get; init; } = 1024;

    /// <summary>Streams in vain per second in the long run.</summary>
    public int VainStreamsPerSecond { get; init; } = 100;

    /// <summary>How long after an answered ping the next one goes; <see cref="Timeout.InfiniteTimeSpan"/>: there are none, and no window grows.</summary>
    public TimeSpan KeepAliveInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Pings at the beginning, one after the other's answer: the shortest round trip, which windows grow by, must not be the one that a
    /// program's first moments or the first data make long.
    /// </summary>
    public int FirstPings { get; init; } = 8;

    /// <summary>How long a ping's answer may take, which stands behind data that is under way.</summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the last frames may take to go when the connection ends.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The last stream id that this side may use.</summary>
    public uint LastStreamId { get; init; } = uint.MaxValue;
}
