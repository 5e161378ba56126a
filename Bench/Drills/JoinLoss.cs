namespace ManagedSwarm.Bench.Drills;

/// <summary>A worker that is killed about the time at which layers are handed over.</summary>
/// <param name="IsGiver">Whether it is the one that has them; else the one that is to get some.</param>
/// <param name="After">From the start of the second worker's process.</param>
internal sealed record JoinLoss(bool IsGiver, TimeSpan After)
{
    /// <summary>Hand-overs are through by then, from the start of the second worker's process.</summary>
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(10);

    /// <summary>Rounds spread over the time that a hand-over takes.</summary>
    public static JoinLoss InRound(bool isGiver, int round, int rounds) => new(isGiver, Span * ((round - 0.5) / rounds));
}
