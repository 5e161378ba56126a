namespace ManagedSwarm.Engine.Planning;

/// <summary>Says which node lacks how much memory.</summary>
internal static class MemoryShortage
{
    /// <summary>A swarm may have thousands.</summary>
    private const int MaxNamedNodes = 8;

    /// <summary>What is missing for a plan; null: nothing.</summary>
    /// <param name="problem">Valid.</param>
    /// <param name="ranges">Valid but for memory.</param>
    public static EngineException? Find(SplitProblem problem, IReadOnlyList<NodeRange> ranges)
    {
        var rooms = NodeRoom.ById(problem);
        var lacks = new List<Lack>();
        var head = rooms[problem.Head.Id];
        if (!head.Fits(0, 0) && ranges.All(range => range.NodeId != head.Node.Id))
        {
            lacks.Add(new(
                head.Node,
                problem.Shape.HeadWeightBytes - head.Node.FreeMemory,
                $"embedding and output need {ByteSize.Text(problem.Shape.HeadWeightBytes)}"));
        }

        foreach (var (id, layers) in ranges)
        {
            if (rooms[id].Lack(layers) is > 0 and var bytes)
            {
                var memory = rooms[id].MemoryOf(layers);
                lacks.Add(new(rooms[id].Node, bytes, $"layers {layers} need {ByteSize.Text(memory.Total)}: {memory}"));
            }
        }

        return lacks.Count == 0 ? null : Exception(problem, lacks);
    }

    /// <summary>What is missing where no node can take a single layer.</summary>
    /// <param name="problem">Valid.</param>
    public static EngineException OfEveryNode(SplitProblem problem)
    {
        var rooms = NodeRoom.ById(problem);
        return Exception(
            problem, [.. problem.Holders.Select(node => new Lack(node, rooms[node.Id].LackForOneLayer(), "it cannot take a single layer"))]);
    }

    private static EngineException Exception(SplitProblem problem, IReadOnlyList<Lack> lacks)
    {
        var named = lacks.Take(MaxNamedNodes).Select(lack =>
            $"'{lack.Node.Name}' lacks {ByteSize.Text(lack.Bytes)} ({lack.Why}; {ByteSize.Text(lack.Node.FreeMemory)} are free)");
        var others = lacks.Count > MaxNamedNodes ? $", and {lacks.Count - MaxNamedNodes} more nodes" : "";
        var missing = (long)Int128.Min(long.MaxValue, lacks.Aggregate((Int128)0, (sum, lack) => sum + lack.Bytes));
        var context = problem.Context > 0 ? $" with a context of {problem.Context} tokens" : "";
        return new(
            "not_enough_memory",
            $"not enough memory for {problem.Shape.Name}{context}: {string.Join(", ", named)}{others}; {ByteSize.Text(missing)} are missing in all");
    }

    private sealed record Lack(NodeProfile Node, long Bytes, string Why);
}
