namespace ManagedSwarm.Transport.Membership.Liveness;

/// <summary>A session with a neighbour: how its probing goes, and who needs it.</summary>
/// <param name="since">When it began.</param>
internal sealed class SessionState(TimeSpan since)
{
    public TimeSpan Since { get; } = since;

    /// <summary>What was said of this session last: this node needs it.</summary>
    public bool IsNeededHere { get; set; } = true;

    /// <summary>The other one needs it.</summary>
    public bool IsNeededThere { get; set; } = true;

    /// <summary>Since when neither needs it.</summary>
    public TimeSpan? SurplusSince { get; set; }

    /// <summary>By how much the other one's wall clock is ahead of this one's, and of the message on its way; null: not known yet.</summary>
    public TimeSpan? ClockAhead { get; set; }

    /// <summary>Records that may still be read from it now, and when that was counted: reading one costs time.</summary>
    public (double Records, TimeSpan At) Budget { get; set; }

    /// <summary>When the first probe was sent that has not been answered; null: nothing is awaited.</summary>
    public TimeSpan? ProbedSince { get; set; }

    /// <summary>When the first probe was sent, while its answer would tell the round-trip time; probes that follow it have its nonce.</summary>
    public TimeSpan? FirstProbe { get; set; }

    public uint Nonce { get; set; }

    /// <summary>How often others have been asked to probe it, since <see cref="ProbedSince"/>.</summary>
    public int Asked { get; set; }
}
