namespace ManagedSwarm.Engine.Planning;

/// <summary>
/// The fastest split by the times of layers and hops, with memory as a limit. For <see cref="SplitObjective.ReplyTime"/>, the least sum of
/// compute and hops, which takes the fewest and fastest nodes that hold the model; for <see cref="SplitObjective.Throughput"/>, the least time
/// of the slowest stage or link, and of all such splits the one with the least sum.
/// <para>
/// With up to 8 workers it is exact over all their subsets and orders (the head's layers come first: its place in the circle does not
/// matter). With more, the order is a guess: each time the nearest of those left, beginning at the head, of the 128 workers that are fastest
/// for one layer and its hop; ranges and left-out workers are exact for that order, and where <c>memory</c> or <c>even</c> would be better,
/// it is theirs.
/// </para>
/// </summary>
public sealed class SpeedStrategy : ISplitStrategy
{
    public string Name => "speed";

    public SplitPlan Split(SplitProblem problem)
    {
        problem.Validate();
        var workers = problem.Nodes.Where(node => !node.IsHead).ToArray();
        var isExact = workers.Length <= RouteGraph.MaxFreeWorkers;
        NodeProfile[] nodes = [problem.Head, .. isExact ? workers : NearestFirst(problem, workers)];
        var graph = isExact ? RouteGraph.OfAllOrders(workers.Length) : RouteGraph.OfOneOrder(nodes.Length - 1, problem.MinWorkers);
        var found = Search(problem, nodes, graph);
        var plan = found is null
            // It knows what is missing; or it fits into other nodes than those that were looked at.
            ? new MemoryStrategy().Split(problem)
            : SplitPlan.Create(problem, found.Ranges.Select(range => new NodeRange(nodes[range.Node].Id, range.Layers)));
        return isExact ? plan : Others(problem).Append(plan).MinBy(other => CostOf(problem, other))!;
    }

    private static RangeSearch.Found? Search(SplitProblem problem, NodeProfile[] nodes, RouteGraph graph)
    {
        var layerCount = problem.Shape.LayerCount;
        var bottleneck = new BottleneckCosts(problem, nodes);
        var most = double.MaxValue;
        if (problem.Objective == SplitObjective.Throughput)
        {
            if (RangeSearch.Run(graph, bottleneck, layerCount, problem.MinWorkers) is not { } least)
            {
                return null;
            }

            most = least.Cost;
        }

        return RangeSearch.Run(graph, new ReplyTimeCosts(problem, nodes, bottleneck, most), layerCount, problem.MinWorkers);
    }

    private static IEnumerable<NodeProfile> NearestFirst(SplitProblem problem, NodeProfile[] workers)
    {
        var hops = new Hops(problem);
        var head = problem.Head;
        var left = workers
            .OrderBy(node => new NodeTimes(problem.Shape, node).LayersMs(new(0, 1), 1) + hops.Ms(head.Id, node.Id, 1))
            .Take(RouteGraph.MaxOrderedWorkers)
            .ToList();
        for (var last = head; left.Count > 0;)
        {
            last = left.MinBy(node => hops.Ms(last.Id, node.Id, 1))!;
            left.Remove(last);
            yield return last;
        }
    }

    private static IEnumerable<SplitPlan> Others(SplitProblem problem)
    {
        foreach (ISplitStrategy other in new ISplitStrategy[] { new MemoryStrategy(), new EvenStrategy() })
        {
            SplitPlan? plan = null;
            try
            {
                plan = other.Split(problem);
            }
            catch (EngineException)
            {
                // It cannot do it, which is no reason not to.
            }

            if (plan is not null)
            {
                yield return plan;
            }
        }
    }

    private static (double First, double Second) CostOf(SplitProblem problem, SplitPlan plan) => problem.Objective == SplitObjective.Throughput
        ? (plan.Prediction.BottleneckMs, plan.Prediction.MsPerToken)
        : (plan.Prediction.MsPerToken, 0);
}
