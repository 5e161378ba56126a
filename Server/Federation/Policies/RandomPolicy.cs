namespace ManagedSwarm.Server.Federation.Policies;

/// <summary>Any of them, with equal chances: LocalAI's <c>--random-worker</c>.</summary>
internal sealed class RandomPolicy(Random random) : IRoutePolicy
{
    public Candidate? Choose(RouteRequest request, IReadOnlyList<Candidate> candidates) => candidates[random.Next(candidates.Count)];
}
