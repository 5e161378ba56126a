using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Engine.Planning;

/// <summary>
/// Who takes the layers that a lost node held, while all others keep theirs. So a node that holds layers already may get more, elsewhere in
/// the model: the rule of a <see cref="SplitPlan"/>, one range for each node, does not hold here. A pure function.
/// </summary>
public static class GapPlanner
{
    /// <summary>Up to so many nodes each order is tried; beyond, the one with the most room is the first.</summary>
    private const int MaxOrderedNodes = 12;

    /// <summary>
    /// One node that can take all of the layers: a warm one before others, one that holds nothing before others. Else as few as possible, those
    /// with the most room. Among equals the head is the last.
    /// </summary>
    /// <param name="problem">
    /// Its nodes' <see cref="NodeProfile.FreeMemory"/> is what is left beside all that they hold: layers, and, at the head, embedding and output.
    /// Its number of workers is not asked for.
    /// </param>
    /// <param name="gap">The layers that nobody holds.</param>
    /// <param name="warm">The ids of nodes that have these layers' weights, for example on their disk.</param>
    /// <param name="holders">The ids of nodes that hold other layers.</param>
    /// <returns>In the order of the layers, each on a node of its own.</returns>
    /// <exception cref="EngineException">
    /// <c>not_enough_memory</c>; <c>not_enough_workers</c>: nobody may hold layers; <c>layer_range</c>: there are no such layers;
    /// <c>invalid_value</c>: the problem is none.
    /// </exception>
    public static IReadOnlyList<NodeRange> Fill(SplitProblem problem, LayerRange gap, IReadOnlySet<string> warm, IReadOnlySet<string> holders)
    {
        problem.Validate();
        gap.RequireWithin(problem.Shape.LayerCount);

        // The head has them already: they are not to be counted again.
        problem = problem with { Shape = problem.Shape with { HeadWeightBytes = 0 } };
        var rooms = NodeRoom.ById(problem);
        NodeRoom[] largestFirst = [.. problem.Holders
            .Select(node => rooms[node.Id])
            .OrderByDescending(room => room.Usable)
            .ThenBy(room => holders.Contains(room.Node.Id))
            .ThenBy(room => room.Node.IsHead)];
        if (largestFirst.Length == 0)
        {
            throw StageLayout.NoHolders(problem);
        }

        var whole = largestFirst
            .Where(room => room.Lack(gap) == 0)
            .OrderByDescending(room => warm.Contains(room.Node.Id))
            .ThenBy(room => holders.Contains(room.Node.Id))
            .ThenBy(room => room.Node.IsHead)
            .FirstOrDefault();
        return whole is null ? Share(problem, gap, largestFirst) : [new(whole.Node.Id, gap)];
    }

    /// <summary>
    /// Whoever is in a solution can be replaced by one with more room that is not: so of all sets of a size, the one of those with the most
    /// room is the best.
    /// </summary>
    private static List<NodeRange> Share(SplitProblem problem, LayerRange gap, NodeRoom[] largestFirst)
    {
        for (var count = 2; count <= Math.Min(MaxOrderedNodes, largestFirst.Length); count++)
        {
            if (TryShare(gap, largestFirst.AsSpan(0, count)) is { } found)
            {
                return found;
            }
        }

        var ranges = InOrder(gap, largestFirst);
        if (ranges.Count > 0 && ranges[^1].Layers.End == gap.End)
        {
            return ranges;
        }

        throw MemoryShortage.Find(problem, Wished(gap, largestFirst, ranges))!;
    }

    /// <summary>Tries all orders, by the farthest layer that each set of nodes reaches. Null: none reaches the end.</summary>
    private static List<NodeRange>? TryShare(LayerRange gap, ReadOnlySpan<NodeRoom> rooms)
    {
        var reached = new int[1 << rooms.Length];
        var last = new int[reached.Length];
        Array.Fill(reached, -1);
        reached[0] = gap.First;
        for (var set = 1; set < reached.Length; set++)
        {
            // Where several are as good, the one with the least room comes last.
            for (var index = rooms.Length - 1; index >= 0; index--)
            {
                if ((set & (1 << index)) != 0 && EndFrom(reached[set & ~(1 << index)], gap.End, rooms[index]) is var end && end > reached[set])
                {
                    (reached[set], last[set]) = (end, index);
                }
            }
        }

        return reached[^1] == gap.End ? Trace(rooms, reached, last) : null;
    }

    private static List<NodeRange> Trace(ReadOnlySpan<NodeRoom> rooms, int[] reached, int[] last)
    {
        var ranges = new List<NodeRange>();
        for (var set = reached.Length - 1; set != 0; set &= ~(1 << last[set]))
        {
            var first = reached[set & ~(1 << last[set])];
            ranges.Insert(0, new(rooms[last[set]].Node.Id, new(first, reached[set] - first)));
        }

        return ranges;
    }

    /// <summary>As many layers for each as it can take, one behind the other; as far as that goes.</summary>
    private static List<NodeRange> InOrder(LayerRange gap, NodeRoom[] rooms)
    {
        var ranges = new List<NodeRange>();
        var first = gap.First;
        foreach (var room in rooms)
        {
            var end = EndFrom(first, gap.End, room);
            if (end > first)
            {
                ranges.Add(new(room.Node.Id, new(first, end - first)));
                first = end;
            }
        }

        return ranges;
    }

    /// <summary>What lacks little: that the last of those that can take any takes what is left, too.</summary>
    private static List<NodeRange> Wished(LayerRange gap, NodeRoom[] largestFirst, List<NodeRange> ranges)
    {
        var last = ranges.Count > 0 ? ranges[^1] : new(largestFirst[0].Node.Id, gap);
        return [.. ranges.SkipLast(1), last with { Layers = new(last.Layers.First, gap.End - last.Layers.First) }];
    }

    private static int EndFrom(int first, int most, NodeRoom room)
    {
        var end = first;
        while (end < most && room.Lack(new(first, end + 1 - first)) == 0)
        {
            end++;
        }

        return end;
    }
}
