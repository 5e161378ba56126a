namespace ManagedSwarm.Transport.Membership;

/// <summary>What a <see cref="Ledger"/> may cost. With <see cref="RecordLimits.MaxBytes"/> these bound its memory.</summary>
internal sealed record LedgerLimits
{
    /// <summary>Owners whose records are held. Where there are more, those farthest from this node are not.</summary>
    public int MaxMembers { get; init; } = 1024;

    /// <summary>Owners whose last sequence number is remembered when their record has run out; the oldest are forgotten first.</summary>
    public int MaxRemembered { get; init; } = 4096;

    /// <summary>For how long: longer than anybody could still hold that record.</summary>
    public TimeSpan RememberFor { get; init; } = 2 * RecordLimits.MaxTimeToLive;

    /// <summary>Records of one owner that may follow each other at once.</summary>
    public int UpdateBurst { get; init; } = 16;

    /// <summary>Records of one owner in a second, in the long run.</summary>
    public double UpdatesPerSecond { get; init; } = 2;
}
