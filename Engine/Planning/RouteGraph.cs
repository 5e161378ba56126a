using System.Numerics;

namespace ManagedSwarm.Engine.Planning;

/// <summary>
/// In which orders nodes may follow each other. A way through it begins at place 0, the head's, and leads from place to place; a place is a
/// node together with what must be known of the way to it. Places come behind those from which they are reached.
/// </summary>
internal sealed class RouteGraph
{
    /// <summary>So many workers in all their orders: as many places as subsets times workers.</summary>
    public const int MaxFreeWorkers = 8;

    /// <summary>So many workers in one order.</summary>
    public const int MaxOrderedWorkers = 128;

    private RouteGraph(IReadOnlyList<Place> places) => Places = places;

    public IReadOnlyList<Place> Places { get; }

    /// <summary>All orders of all subsets of the workers: a place is (the workers so far, the last of them).</summary>
    /// <param name="workers">Nodes 1 to this number, at most <see cref="MaxFreeWorkers"/>.</param>
    public static RouteGraph OfAllOrders(int workers)
    {
        var places = new List<Place> { new(0, 0, []) };
        var at = new int[1 << workers, workers + 1];
        for (var set = 1; set < 1 << workers; set++)
        {
            for (var last = 1; last <= workers; last++)
            {
                var before = set & ~(1 << (last - 1));
                if (before != set)
                {
                    int[] from = before == 0
                        ? [0]
                        : [.. Enumerable.Range(1, workers).Where(node => (before & (1 << (node - 1))) != 0).Select(node => at[before, node])];
                    at[set, last] = places.Count;
                    places.Add(new(last, BitOperations.PopCount((uint)set), from));
                }
            }
        }

        return new(places);
    }

    /// <summary>The workers as they are numbered, any of them left out: a place is (the last worker, how many so far).</summary>
    /// <param name="workers">Nodes 1 to this number.</param>
    /// <param name="counted">To what number workers are counted; more count as so many.</param>
    public static RouteGraph OfOneOrder(int workers, int counted)
    {
        var most = Math.Clamp(counted, 1, Math.Max(1, workers));
        var places = new List<Place> { new(0, 0, []) };
        for (var node = 1; node <= workers; node++)
        {
            for (var count = 1; count <= most; count++)
            {
                int[] from =
                [
                    .. from place in Enumerable.Range(0, 1 + ((node - 1) * most))
                    where Math.Min(places[place].Workers + 1, most) == count
                    select place,
                ];
                places.Add(new(node, count, from));
            }
        }

        return new(places);
    }

    /// <param name="Node">0: the head.</param>
    /// <param name="Workers">How many workers the way to it has, itself included; from a certain number on, that number.</param>
    /// <param name="From">The places from which it is reached.</param>
    public sealed record Place(int Node, int Workers, IReadOnlyList<int> From);
}
