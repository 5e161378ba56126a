namespace ManagedSwarm.Server.Federation;

/// <summary>When an instance gets nothing for a while.</summary>
internal sealed record BreakerOptions
{
    /// <summary>Failures in a row.</summary>
    public int Failures { get; init; } = 3;

    /// <summary>How long the first time; each further time twice as long.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan MaxPause { get; init; } = TimeSpan.FromSeconds(30);
}
