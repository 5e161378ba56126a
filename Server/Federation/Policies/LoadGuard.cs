namespace ManagedSwarm.Server.Federation.Policies;

/// <summary>
/// How much busier than others an instance may be and still get a request for the sake of what it has cached. As SGLang's router has it, too
/// busy is who is beyond both bounds: with little to do the difference says little, with much to do the quotient.
/// </summary>
/// <param name="Difference">Requests more than the one with the fewest.</param>
/// <param name="Quotient">Busyness over the least one.</param>
internal sealed record LoadGuard(int Difference, double Quotient)
{
    /// <summary>Where at least half of the prompt is cached. On a CPU a prompt takes as long as many tokens of a reply.</summary>
    public static readonly LoadGuard Cached = new(4, 1.5);

    /// <summary>Where little or nothing is: there is only the order that all routers have in common to gain.</summary>
    public static readonly LoadGuard New = new(1, 1.5);

    public bool Allows(Candidate candidate, int fewest, double leastBusy) =>
        candidate.Load <= fewest + Difference || candidate.Busyness <= leastBusy * Quotient;
}
