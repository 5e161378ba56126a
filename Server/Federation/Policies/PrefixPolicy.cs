namespace ManagedSwarm.Server.Federation.Policies;

/// <summary>
/// Where the beginning of the prompt is cached, as far as is known from what was sent where. Each beginning has a home: the first in the rendezvous
/// order of the prompt's first block, so that routers side by side make the same choice. A prompt that is too short to have a block goes to
/// the least busy.
/// </summary>
/// <param name="isGuarded">
/// Whether who is too busy (<see cref="LoadGuard"/>) is passed over: the home for those that have most of the prompt, those for the next ones in
/// the order. Else it is who has most of the prompt, whatever comes.
/// </param>
internal sealed class PrefixPolicy(bool isGuarded) : IRoutePolicy
{
    private readonly PrefixMemory _memory = new();

    public Candidate? Choose(RouteRequest request, IReadOnlyList<Candidate> candidates)
    {
        if (request.Prefix.Count == 0)
        {
            return LeastBusyPolicy.LeastBusy(candidates);
        }

        List<Place> order =
        [
            .. Rendezvous.Order(request.Prefix[0], candidates).Select(candidate => new Place(candidate, CountWorthwhile(request.Prefix, candidate))),
        ];
        var byKnown = order.OrderByDescending(place => place.Known);
        return (isGuarded ? byKnown.Prepend(order[0]).First(IsNotTooBusy(order)) : byKnown.First()).Candidate;
    }

    public void Sent(RouteRequest request, Candidate to) => _memory.Add(request.Prefix, to);

    /// <summary>Whoever has the least to do is not, so there is always one.</summary>
    private static Func<Place, bool> IsNotTooBusy(List<Place> all)
    {
        var most = all.Max(place => place.Known);
        var (floor, floorOfMost) = (FloorOf(all), FloorOf(all.Where(place => place.Known == most)));
        return place => place.Known == 0
            ? LoadGuard.New.Allows(place.Candidate, floor)
            : LoadGuard.Cached(place.Known).Allows(place.Candidate, floor)
                && (place.Known < most || LoadGuard.Alike.Allows(place.Candidate, floorOfMost));
    }

    private static LoadFloor FloorOf(IEnumerable<Place> places) => LoadFloor.Of(places.Select(place => place.Candidate));

    /// <summary>Less than half of a prompt is not worth a detour: more than that would be computed anyway.</summary>
    private int CountWorthwhile(IReadOnlyList<ulong> blocks, Candidate candidate)
    {
        var count = _memory.CountKnown(blocks, candidate);
        return count * 2 >= blocks.Count ? count : 0;
    }

    /// <param name="Candidate">Who.</param>
    /// <param name="Known">Blocks of the prompt that were sent there.</param>
    private readonly record struct Place(Candidate Candidate, int Known);
}
