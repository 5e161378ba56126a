using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ManagedSwarm.Transport.Weights;

/// <summary>How a node sends weights.</summary>
public sealed record WeightServerOptions
{
    /// <summary>Streams that are answered at once, each with one piece at a time; the requests of more wait until one has ended.</summary>
    public int Streams { get; init; } = 16;

    /// <summary>Streams that may wait for that; one more is reset.</summary>
    public int WaitingStreams { get; init; } = 64;

    /// <summary>How long a stream may be there without a request.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long the other side may take nothing of what is sent to it.</summary>
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether this node has more urgent things to do at the moment, such as the steps of replies.</summary>
    public Func<bool> IsBusy { get; init; } = static () => false;

    /// <summary>
    /// How long a stream then waits behind each part of a piece (256 KiB), so that whatever is urgent finds the processor free most of the time.
    /// With this, a stream brings at most 131 MB/s; 64 were measured, as timers are coarse.
    /// </summary>
    public TimeSpan BusyPause { get; init; } = TimeSpan.FromMilliseconds(2);

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ILogger Logger { get; init; } = NullLogger.Instance;
}
