namespace ManagedSwarm.Server.Federation.Policies;

/// <summary>Only one of them will do: LocalAI's <c>--target-worker</c>.</summary>
/// <param name="target">Its id, or a name that only one of them has.</param>
internal sealed class TargetPolicy(string target) : IRoutePolicy
{
    public Candidate? Choose(RouteRequest request, IReadOnlyList<Candidate> candidates)
    {
        var byId = candidates.FirstOrDefault(candidate => candidate.Id.ToString() == target);
        return byId ?? (candidates.Where(candidate => candidate.Name == target).ToList() is [var only] ? only : null);
    }
}
