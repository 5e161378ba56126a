namespace ManagedSwarm.Server.Federation.Policies;

/// <summary>Chooses who gets a request. Called by one thread at a time, and must not wait.</summary>
internal interface IRoutePolicy
{
    /// <summary>Chooses.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="candidates">Who could have it, at least one, by their ids.</param>
    /// <returns>One of them; null: none will do.</returns>
    Candidate? Choose(RouteRequest request, IReadOnlyList<Candidate> candidates);

    /// <summary>The request goes to this one.</summary>
    void Sent(RouteRequest request, Candidate to)
    {
    }
}
