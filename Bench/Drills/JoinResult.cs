namespace ManagedSwarm.Bench.Drills;

/// <summary>What a late worker has brought.</summary>
internal sealed record JoinResult
{
    /// <summary>How often the rate has to be counted anew for <see cref="Reached"/>.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(0.5);

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan Bin = TimeSpan.FromSeconds(5);

    /// <summary>When its process was started, from the beginning of the load.</summary>
    public required TimeSpan Joined { get; init; }

    /// <summary>From its start until it had layers; null: it got none.</summary>
    public required TimeSpan? Moved { get; init; }

    /// <summary>The layers of both; empty: of one.</summary>
    public required string Layers { get; init; }

    /// <summary>When tokens came, from the beginning of the load.</summary>
    public required IReadOnlyList<TimeSpan> Came { get; init; }

    /// <summary>Of the load.</summary>
    public required TimeSpan Length { get; init; }

    public required int Replies { get; init; }

    /// <summary>Replies that are those of an undisturbed swarm.</summary>
    public required int Same { get; init; }

    public required IReadOnlyList<string> Errors { get; init; }

    /// <summary>Tokens per second of all clients together, between two times.</summary>
    public double Rate(TimeSpan from, TimeSpan to) => Came.Count(came => came >= from && came < to) / (to - from).TotalSeconds;

    /// <summary>Tokens per second in each five seconds from the second worker's start on.</summary>
    public IEnumerable<double> Rates =>
        Enumerable.Range(0, (int)((Length - Joined) / Bin)).Select(bin => Rate(Joined + (bin * Bin), Joined + ((bin + 1) * Bin)));

    /// <summary>Tokens per second with one worker, from a fifth of the time on.</summary>
    public double Before => Rate(Joined / 5, Joined);

    /// <summary>Tokens per second in the last third.</summary>
    public double Behind => Rate(Length - ((Length - Joined) / 3), Length);

    /// <summary>
    /// From the worker's start to the end of the first four seconds, behind the hand-over, in which at least three quarters of what it brings
    /// in the end were there; null: it brings nothing.
    /// </summary>
    public TimeSpan? Reached
    {
        get
        {
            var enough = Before + (0.75 * (Behind - Before));
            for (var from = Joined + (Moved ?? Length); Behind > Before && from + Window <= Length; from += Step)
            {
                if (Rate(from, from + Window) >= enough)
                {
                    return from + Window - Joined;
                }
            }

            return null;
        }
    }
}
