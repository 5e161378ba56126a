namespace ManagedSwarm.Bench.Drills;

/// <summary>What a soak has found.</summary>
/// <param name="Time">How long it was.</param>
/// <param name="Kills">Workers that were killed.</param>
/// <param name="Replies">That were asked for.</param>
/// <param name="Same">That were as without kills.</param>
/// <param name="Errors">Of those that failed, in words; and of workers that did not come back.</param>
/// <param name="Start">Memory before the first kill.</param>
/// <param name="End">Memory behind the last one, when all workers are back.</param>
internal sealed record DrillSoakResult(
    TimeSpan Time, int Kills, int Replies, int Same, IReadOnlyList<string> Errors, DrillMemory Start, DrillMemory End)
{
    /// <summary>Replies that came to their ends, and say something else: there must be none.</summary>
    public required int Others { get; init; }

    public bool IsFine => Others == 0 && Errors.Count == 0;
}
