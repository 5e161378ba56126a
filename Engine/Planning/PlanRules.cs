using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Engine.Planning;

/// <summary>What holds of every plan, whoever made it.</summary>
internal static class PlanRules
{
    /// <param name="problem">Valid.</param>
    /// <param name="ranges">In the order of their first layers.</param>
    /// <exception cref="EngineException"><c>invalid_plan</c>, <c>not_enough_memory</c>, <c>not_enough_workers</c></exception>
    public static void Require(SplitProblem problem, IReadOnlyList<NodeRange> ranges)
    {
        RequireNodes(problem, ranges);
        RequireLayers(problem, ranges);
        RequireWorkers(problem, ranges);
        if (MemoryShortage.Find(problem, ranges) is { } shortage)
        {
            throw shortage;
        }
    }

    private static void RequireNodes(SplitProblem problem, IReadOnlyList<NodeRange> ranges)
    {
        var nodes = problem.Nodes.ToDictionary(node => node.Id, StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var range in ranges)
        {
            if (range.NodeId is null || !nodes.TryGetValue(range.NodeId, out var node))
            {
                throw Invalid($"there is no node '{range.NodeId}' for layers {range.Layers}");
            }

            if (!seen.Add(node.Id))
            {
                throw Invalid($"node '{node.Name}' is to hold two ranges of layers; each node can hold one");
            }

            if (node.IsHead && !problem.HeadHoldsLayers)
            {
                throw Invalid($"the head '{node.Name}' is to hold layers {range.Layers}, but it shall hold none");
            }
        }
    }

    private static void RequireLayers(SplitProblem problem, IReadOnlyList<NodeRange> ranges)
    {
        var layerCount = problem.Shape.LayerCount;
        var next = 0;
        foreach (var (_, layers) in ranges)
        {
            layers.RequireWithin(layerCount);
            if (layers.First > next)
            {
                throw Nobody(next, layers.First);
            }

            if (layers.First < next)
            {
                throw Invalid($"layers {new LayerRange(layers.First, Math.Min(next, layers.End) - layers.First)} are given to two nodes");
            }

            next = layers.End;
        }

        if (next < layerCount)
        {
            throw Nobody(next, layerCount);
        }
    }

    private static void RequireWorkers(SplitProblem problem, IReadOnlyList<NodeRange> ranges)
    {
        var head = problem.Head.Id;
        if (ranges.Count(range => range.NodeId != head) is var workers && workers < problem.MinWorkers)
        {
            throw new EngineException(
                "not_enough_workers", $"{workers} workers would hold layers of {problem.Shape.Name}; at least {problem.MinWorkers} are asked for");
        }
    }

    private static EngineException Nobody(int first, int end) => Invalid($"layers {new LayerRange(first, end - first)} are given to no node");

    private static EngineException Invalid(string message) => new("invalid_plan", message);
}
