namespace ManagedSwarm.Transport.Membership.Liveness;

/// <summary>A node that is lost.</summary>
/// <param name="since">When it was.</param>
internal sealed class LossTimes(TimeSpan since)
{
    public TimeSpan Since { get; } = since;

    /// <summary>When it was last dialed.</summary>
    public TimeSpan LastTry { get; set; } = since;
}
