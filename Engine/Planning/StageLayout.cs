namespace ManagedSwarm.Engine.Planning;

/// <summary>What strategies have in common.</summary>
internal static class StageLayout
{
    /// <summary>Ranges one behind the other; nodes without layers are left out.</summary>
    public static IEnumerable<NodeRange> OfCounts(IReadOnlyList<NodeProfile> nodes, IReadOnlyList<int> counts)
    {
        var first = 0;
        for (var index = 0; index < nodes.Count; index++)
        {
            if (counts[index] > 0)
            {
                yield return new(nodes[index].Id, new(first, counts[index]));
                first += counts[index];
            }
        }
    }

    /// <summary>Says that there is nobody who could hold a layer.</summary>
    public static EngineException NoHolders(SplitProblem problem) => new(
        "not_enough_workers", $"no node may hold layers of {problem.Shape.Name}: the head shall hold none, and there are no workers");
}
