using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Planning;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Tests.Engine.Planning;

/// <summary>Every split there is, one by one: what searches are compared with.</summary>
internal static class AllSplits
{
    /// <summary>All valid plans, the head's layers first, workers in all orders.</summary>
    public static IEnumerable<SplitPlan> Of(SplitProblem problem)
    {
        var workers = problem.Nodes.Where(node => !node.IsHead).Select(node => node.Id).ToArray();
        foreach (var order in Orders(workers, []))
        {
            foreach (var holders in new[] { order, [problem.Head.Id, .. order] }.Where(holders => holders.Length > 0))
            {
                foreach (var counts in Counts(problem.Shape.LayerCount, holders.Length))
                {
                    if (TryCreate(problem, Ranges(holders, counts)) is { } plan)
                    {
                        yield return plan;
                    }
                }
            }
        }
    }

    /// <summary>All ways to divide layers among nodes in this order, at least one for each.</summary>
    public static IEnumerable<int[]> Counts(int layers, int nodes) => nodes == 1
        ? [[layers]]
        : from first in Enumerable.Range(1, Math.Max(0, layers - nodes + 1))
          from rest in Counts(layers - first, nodes - 1)
          select (int[])[first, .. rest];

    private static IEnumerable<string[]> Orders(string[] left, string[] taken) =>
        left.SelectMany(next => Orders([.. left.Where(other => other != next)], [.. taken, next])).Prepend(taken);

    private static IEnumerable<NodeRange> Ranges(string[] holders, int[] counts) =>
        counts.Select((count, index) => new NodeRange(holders[index], new LayerRange(counts.Take(index).Sum(), count)));

    private static SplitPlan? TryCreate(SplitProblem problem, IEnumerable<NodeRange> ranges)
    {
        try
        {
            return SplitPlan.Create(problem, ranges);
        }
        catch (EngineException)
        {
            return null;
        }
    }
}
