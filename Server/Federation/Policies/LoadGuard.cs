namespace ManagedSwarm.Server.Federation.Policies;

/// <summary>
/// How much busier than others an instance may be and still get a request for the sake of what it has cached. As SGLang's router has it, too
/// busy is who is beyond both bounds: with little to do the difference says little, with much to do the quotient.
/// </summary>
/// <param name="Difference">Requests more than the one with the least to do; see <see cref="Candidate.ToDo"/>.</param>
/// <param name="Quotient">Busyness over the least one.</param>
internal sealed record LoadGuard(double Difference, double Quotient)
{
    private const int MaxDifference = 16;

    /// <summary>Where nothing is cached: there is only the order that all routers have in common to gain.</summary>
    public static readonly LoadGuard New = new(4, 1.5);

    /// <summary>Against those that have the same cached: there is nothing to lose but that order.</summary>
    public static readonly LoadGuard Alike = New;

    /// <summary>Where so much is cached. On a CPU a block (some 64 tokens) that need not be computed is worth as much as a short wait.</summary>
    /// <param name="blocks">Of <see cref="PromptPrefix"/>.</param>
    public static LoadGuard Cached(int blocks) => New with { Difference = Math.Min(New.Difference + blocks, MaxDifference) };

    /// <summary>Whether it may have the request.</summary>
    /// <param name="candidate">Who.</param>
    /// <param name="floor">Of those it is compared with.</param>
    public bool Allows(Candidate candidate, LoadFloor floor) =>
        candidate.ToDo <= floor.ToDo + Difference || candidate.Busyness <= floor.Busyness * Quotient;
}
