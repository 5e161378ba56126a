namespace ManagedSwarm.Server.Federation.Policies;

/// <summary>Requests of one session go to one instance as long as it is there; those of none are another policy's.</summary>
internal sealed class StickyPolicy(IRoutePolicy others) : IRoutePolicy
{
    public Candidate? Choose(RouteRequest request, IReadOnlyList<Candidate> candidates) => request.Session is { } session
        ? Rendezvous.FirstOf(session, candidates)
        : others.Choose(request, candidates);

    public void Sent(RouteRequest request, Candidate to) => others.Sent(request, to);
}
