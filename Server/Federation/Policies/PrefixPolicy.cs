namespace ManagedSwarm.Server.Federation.Policies;

/// <summary>
/// Where most of the prompt was sent before, as its keys and values may still be there; of equals, and where that is not even half of the
/// prompt, in the rendezvous order of the prompt's first block, so that routers side by side make the same choice. A prompt that is too short to
/// have a block goes to the least busy.
/// </summary>
/// <param name="isGuarded">Whether who is too busy (<see cref="LoadGuard"/>) is passed over.</param>
internal sealed class PrefixPolicy(bool isGuarded) : IRoutePolicy
{
    private readonly PrefixMemory _memory = new();

    public Candidate? Choose(RouteRequest request, IReadOnlyList<Candidate> candidates)
    {
        if (request.Prefix.Count == 0)
        {
            return LeastBusyPolicy.LeastBusy(candidates);
        }

        var known = candidates.ToDictionary(candidate => candidate, candidate => CountWorthwhile(request.Prefix, candidate));
        var order = Rendezvous.Order(request.Prefix[0], candidates).OrderByDescending(candidate => known[candidate]);
        if (!isGuarded)
        {
            return order.First();
        }

        var (fewest, least) = (candidates.Min(candidate => candidate.Load), candidates.Min(candidate => candidate.Busyness));
        return order.First(candidate => (known[candidate] > 0 ? LoadGuard.Cached : LoadGuard.New).Allows(candidate, fewest, least));
    }

    public void Sent(RouteRequest request, Candidate to) => _memory.Add(request.Prefix, to);

    /// <summary>Less than half of a prompt is not worth a detour: more than that would be computed anyway.</summary>
    private int CountWorthwhile(IReadOnlyList<ulong> blocks, Candidate candidate)
    {
        var count = _memory.CountKnown(blocks, candidate);
        return count * 2 >= blocks.Count ? count : 0;
    }
}
