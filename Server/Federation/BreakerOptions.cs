namespace ManagedSwarm.Server.Federation;

/// <summary>When an instance gets nothing for a while.</summary>
internal sealed record BreakerOptions
{
    /// <summary>Failures in a row.</summary>
    public int Failures { get; init; } = 3;

    /// <summary>
    /// Answers of 500 in a row, with no other in between. More than failures, as a request may bring them about everywhere; but an instance that
    /// has nothing else to say says it faster than others answer, and would draw all requests.
    /// </summary>
    public int Errors { get; init; } = 10;

    /// <summary>How long the first time; each further time twice as long.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan MaxPause { get; init; } = TimeSpan.FromSeconds(30);
}
