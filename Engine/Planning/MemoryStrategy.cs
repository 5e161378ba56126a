namespace ManagedSwarm.Engine.Planning;

/// <summary>
/// Layers in proportion to free memory, after workspace and, on the head, embedding and output: every node is filled to the same part. Nodes
/// that cannot take a single layer are left out. Where rounding would overfill a node, or too few workers would have layers, the nearest
/// split that does not. The head is first, the others follow as given.
/// </summary>
public sealed class MemoryStrategy : ISplitStrategy
{
    public string Name => "memory";

    public SplitPlan Split(SplitProblem problem)
    {
        problem.Validate();
        NodeRoom[] rooms = [.. Candidates(problem)];
        // The head is there in any case, but has no share where it takes no part.
        var isAble = rooms.Select(room => (problem.HeadHoldsLayers || !room.Node.IsHead) && room.LackForOneLayer() == 0).ToArray();
        if (!isAble.Contains(true))
        {
            throw problem.Holders.Any() ? MemoryShortage.OfEveryNode(problem) : StageLayout.NoHolders(problem);
        }

        var shares = MemoryShares.Of(problem.Shape.LayerCount, [.. rooms.Select((room, index) => isAble[index] ? room.Usable : 0)]);
        var found = RangeSearch.Run(
            RouteGraph.OfOneOrder(rooms.Length - 1, problem.MinWorkers),
            new NearestCosts(rooms, shares, problem.HeadHoldsLayers),
            problem.Shape.LayerCount,
            problem.MinWorkers);
        return found is null
            ? throw WhyNot(problem, rooms, shares, isAble)
            : SplitPlan.Create(problem, found.Ranges.Select(range => new NodeRange(rooms[range.Node].Node.Id, range.Layers)));
    }

    private static IEnumerable<NodeRoom> Candidates(SplitProblem problem)
    {
        var rooms = NodeRoom.ById(problem);
        var workers = problem.Nodes.Where(node => !node.IsHead).ToArray();
        var largest = workers.OrderByDescending(node => node.FreeMemory).Take(RouteGraph.MaxOrderedWorkers).ToHashSet();
        return workers.Where(largest.Contains).Prepend(problem.Head).Select(node => rooms[node.Id]);
    }

    private static EngineException WhyNot(SplitProblem problem, NodeRoom[] rooms, int[] shares, bool[] isAble)
    {
        NodeRange[] wished = [.. StageLayout.OfCounts([.. rooms.Select(room => room.Node)], shares)];
        var able = rooms.Where((room, index) => isAble[index] && !room.Node.IsHead).Count();
        return MemoryShortage.Find(problem, wished) ?? new(
            "not_enough_workers",
            $"layers of {problem.Shape.Name} cannot be given to {problem.MinWorkers} workers, as is asked for: {able} have memory for any, "
            + $"and there are {problem.Shape.LayerCount} layers");
    }
}
