using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ManagedSwarm.Transport.Weights;

/// <summary>How a node fetches weights.</summary>
public sealed record WeightFetcherOptions
{
    /// <summary>Sources that are asked; more are passed over.</summary>
    public int Sources { get; init; } = 16;

    /// <summary>Pieces that are asked of a source before the first of them has come.</summary>
    public int PiecesPerSource { get; init; } = 4;

    /// <summary>Pieces that are being received, verified and written at once, from all sources: what a fetch takes of memory.</summary>
    public int PiecesInMemory { get; init; } = 16;

    /// <summary>How often in a row a source is tried again from which nothing came.</summary>
    public int Retries { get; init; } = 1;

    /// <summary>How long until then.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long nothing may come from a source that was asked; then others are.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How often it is looked whether another process is done with what both need.</summary>
    public TimeSpan BusyPoll { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How often progress is told.</summary>
    public TimeSpan ProgressInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ILogger Logger { get; init; } = NullLogger.Instance;
}
