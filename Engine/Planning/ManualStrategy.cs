namespace ManagedSwarm.Engine.Planning;

/// <summary>Ranges as a user gives them.</summary>
public sealed class ManualStrategy(IReadOnlyList<ManualRange> ranges) : ISplitStrategy
{
    /// <summary>What stands for the head.</summary>
    public const string Self = "self";

    /// <summary>Less of an id would name another node as soon as one joins.</summary>
    private const int LeastIdChars = 4;

    public string Name => "manual";

    public SplitPlan Split(SplitProblem problem)
    {
        problem.Validate();
        return SplitPlan.Create(problem, ranges.Select(range => new NodeRange(Find(problem.Nodes, range).Id, range.Layers)));
    }

    private static NodeProfile Find(IReadOnlyList<NodeProfile> nodes, ManualRange range)
    {
        Func<NodeProfile, bool>[] waysToMean =
        [
            node => node.Id == range.Node,
            node => node.Name == range.Node,
            node => node.IsHead && range.Node == Self,
            node => range.Node.Length >= LeastIdChars && node.Id.StartsWith(range.Node, StringComparison.Ordinal),
            node => range.Node.Length >= LeastIdChars && node.Id.EndsWith(range.Node, StringComparison.Ordinal),
        ];
        foreach (var isMeant in waysToMean)
        {
            switch (nodes.Where(isMeant).Take(3).ToArray())
            {
                case [var node]:
                    return node;
                case { Length: > 1 } several:
                    throw new EngineException(
                        "invalid_plan", $"'{range.Node}' (layers {range.Layers}) means more than one node: {Listed(several, 2)}; give an id");
            }
        }

        throw new EngineException(
            "invalid_plan", $"there is no node '{range.Node}' for layers {range.Layers}; there are {Listed(nodes, 8)}");
    }

    private static string Listed(IReadOnlyList<NodeProfile> nodes, int most) =>
        string.Join(", ", nodes.Take(most).Select(node => $"'{node.Name}' ({node.Id})")) + (nodes.Count > most ? ", …" : "");
}
