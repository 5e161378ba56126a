namespace ManagedSwarm.Server.Federation.Policies;

/// <summary>
/// Who has the fewest requests for what it can do (see <see cref="Candidate.Busyness"/>); of equals, who has waited longest for one, so that
/// all of them have their turn.
/// </summary>
internal sealed class LeastBusyPolicy : IRoutePolicy
{
    // Weights are measured: what differs by less is equal.
    private const double Tolerance = 1.001;

    public Candidate? Choose(RouteRequest request, IReadOnlyList<Candidate> candidates) => LeastBusy(candidates);

    public static Candidate LeastBusy(IReadOnlyList<Candidate> candidates)
    {
        var least = candidates.Min(candidate => candidate.Busyness) * Tolerance;
        return candidates.Where(candidate => candidate.Busyness <= least).MinBy(candidate => candidate.LastTurn)!;
    }
}
