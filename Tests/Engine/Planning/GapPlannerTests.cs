using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Planning;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Tests.Engine.Planning;

public sealed class GapPlannerTests
{
    private static readonly LayerRange Gap = new(2, 4);

    [Fact]
    public void A_warm_node_that_can_take_all_comes_first_then_one_that_holds_nothing()
    {
        var problem = Problem(("head", 1_000), ("a", 460), ("b", 900), ("c", 450));
        Assert.Equal([new("c", Gap)], GapPlanner.Fill(problem, Gap, Set("c", "gone"), Set("c")));
        Assert.Equal([new("a", Gap)], GapPlanner.Fill(problem, Gap, Set("c", "a"), Set("c")));
        Assert.Equal([new("a", Gap)], GapPlanner.Fill(problem, Gap, Set(), Set("b", "c")));
        Assert.Equal([new("b", Gap)], GapPlanner.Fill(problem, Gap, Set(), Set()));
    }

    [Fact]
    public void A_warm_node_that_cannot_take_all_is_no_better_than_others()
    {
        var problem = Problem(("head", 0), ("a", 449), ("b", 450));
        Assert.Equal([new("b", Gap)], GapPlanner.Fill(problem, Gap, Set("a"), Set("b")));
    }

    [Fact]
    public void The_head_is_the_last_among_equals_and_needs_no_room_for_what_it_has()
    {
        var problem = Problem(("head", 450), ("a", 450));
        Assert.Equal([new("a", Gap)], GapPlanner.Fill(problem, Gap, Set(), Set()));
        Assert.Equal([new("head", Gap)], GapPlanner.Fill(problem, Gap, Set("head"), Set()));
        Assert.Equal([new("head", Gap)], GapPlanner.Fill(problem, Gap, Set(), Set("a")));
        Assert.Equal([new("a", Gap)], GapPlanner.Fill(problem with { HeadHoldsLayers = false }, Gap, Set("head"), Set("a")));
    }

    [Fact]
    public void Several_share_where_none_can_take_all_as_few_as_possible()
    {
        var problem = Problem(("head", 0), ("a", 150), ("b", 350), ("c", 250));
        Assert.Equal([new("b", new(2, 3)), new("c", new(5, 1))], GapPlanner.Fill(problem, Gap, Set("a"), Set("b")));
    }

    [Fact]
    public void Another_order_is_found_where_the_largest_first_is_not_enough()
    {
        var problem = Problem(("head", 0), ("a", 400), ("b", 300));
        problem = problem with { Shape = problem.Shape with { LayerWeightBytes = [100, 100, 150, 50, 150, 150, 100] } };
        Assert.Equal([new("b", new(2, 2)), new("a", new(4, 2))], GapPlanner.Fill(problem, Gap, Set(), Set()));
    }

    [Fact]
    public void Says_which_node_lacks_how_much()
    {
        var problem = RandomProblems.Scale(Problem(("head", 0), ("a", 150), ("b", 250)), 1L << 30);
        var error = Assert.Throws<EngineException>(() => GapPlanner.Fill(problem, Gap, Set(), Set()));
        Assert.Equal("not_enough_memory", error.Code);
        Assert.Contains("'a' lacks 100.00 GiB (layers 4..5 need 250.00 GiB", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("'b'", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("embedding", error.Message, StringComparison.Ordinal);

        problem = RandomProblems.Scale(Problem(("head", 0), ("a", 20)), 1L << 30);
        error = Assert.Throws<EngineException>(() => GapPlanner.Fill(problem, Gap, Set(), Set()));
        Assert.Contains("'a' lacks 430.00 GiB (layers 2..5 need 450.00 GiB", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rejects_layers_that_there_are_not_and_swarms_without_holders()
    {
        var problem = Problem(("head", 900));
        Assert.Equal("layer_range", Refusal(problem, new(2, 6)));
        Assert.Equal("layer_range", Refusal(problem, new(2, 0)));
        Assert.Equal("not_enough_workers", Refusal(problem with { HeadHoldsLayers = false }, Gap));
        Assert.Equal("invalid_value", Refusal(problem with { Nodes = [] }, Gap));
    }

    [Fact]
    public void Ranges_are_contiguous_disjoint_complete_within_memory_and_as_few_as_possible()
    {
        var (whole, shared, refused) = (0, 0, 0);
        for (var seed = 0; seed < 5_000; seed++)
        {
            var (problem, gap, warm, holders) = Random(seed);
            if (!problem.Nodes.Any(node => !node.IsHead || problem.HeadHoldsLayers))
            {
                continue;
            }

            var fewest = Fewest(problem, gap);
            if (fewest is null)
            {
                Assert.Equal("not_enough_memory", Refusal(problem, gap, warm, holders));
                refused++;
                continue;
            }

            var ranges = GapPlanner.Fill(problem, gap, warm, holders);
            Assert.Equal(gap.First, ranges[0].Layers.First);
            Assert.Equal(gap.End, ranges[^1].Layers.End);
            Assert.All(ranges.Zip(ranges.Skip(1)), pair => Assert.Equal(pair.First.Layers.End, pair.Second.Layers.First));
            Assert.All(ranges, range => Assert.True(range.Layers.Count > 0 && Fits(problem, range.NodeId, range.Layers)));
            Assert.Equal(ranges.Count, ranges.DistinctBy(range => range.NodeId).Count());
            Assert.True(problem.HeadHoldsLayers || ranges.All(range => range.NodeId != problem.Head.Id));
            Assert.Equal(fewest, ranges.Count);
            Assert.Equal(ranges, GapPlanner.Fill(problem with { Nodes = [.. problem.Nodes] }, gap, warm.ToHashSet(), holders.ToHashSet()));
            RequirePreference(problem, gap, warm, ranges);
            (whole, shared) = ranges.Count == 1 ? (whole + 1, shared) : (whole, shared + 1);
        }

        Assert.True(whole > 500 && shared > 200 && refused > 200, $"{whole} whole, {shared} shared, {refused} refused");
    }

    [Fact]
    public void Many_small_nodes_share_many_layers()
    {
        var problem = Problem([("head", 0), .. Enumerable.Range(0, 40).Select(i => ($"n{i}", 150L + i))]);
        problem = problem with
        {
            Shape = problem.Shape with { LayerWeightBytes = [.. Enumerable.Repeat(80L, 60)], LayerFileBytes = [.. Enumerable.Repeat(80L, 60)] },
        };
        Assert.Equal(40, GapPlanner.Fill(problem, new(5, 40), Set(), Set()).Count);
        Assert.Equal("not_enough_memory", Refusal(problem, new(5, 41)));
    }

    private static void RequirePreference(SplitProblem problem, LayerRange gap, HashSet<string> warm, IReadOnlyList<NodeRange> ranges)
    {
        var able = problem.Nodes.Where(node => (problem.HeadHoldsLayers || !node.IsHead) && Fits(problem, node.Id, gap)).ToList();
        Assert.Equal(able.Exists(node => warm.Contains(node.Id)), able.Count > 0 && warm.Contains(ranges[0].NodeId));
    }

    /// <summary>The fewest nodes that can share a gap, by trying all; null: they cannot.</summary>
    private static int? Fewest(SplitProblem problem, LayerRange gap)
    {
        string[] ids = [.. problem.Nodes.Where(node => !node.IsHead || problem.HeadHoldsLayers).Select(node => node.Id)];
        return Search(gap.First, ids);

        int? Search(int first, string[] left)
        {
            if (first == gap.End)
            {
                return 0;
            }

            int? fewest = null;
            foreach (var id in left)
            {
                var end = gap.End;
                while (end > first && !Fits(problem, id, new(first, end - first)))
                {
                    end--;
                }

                var others = end == first ? null : Search(end, [.. left.Where(other => other != id)]);
                fewest = others + 1 < (fewest ?? int.MaxValue) ? others + 1 : fewest;
            }

            return fewest;
        }
    }

    private static bool Fits(SplitProblem problem, string id, LayerRange layers)
    {
        var shape = problem.Shape;
        var weights = shape.LayerWeightBytes.Skip(layers.First).Take(layers.Count).Sum();
        return weights + (shape.KvBytesPerLayer * layers.Count) + shape.WorkspaceBytes <= problem.Nodes.Single(node => node.Id == id).FreeMemory;
    }

    private static (SplitProblem Problem, LayerRange Gap, HashSet<string> Warm, HashSet<string> Holders) Random(int seed)
    {
        var problem = RandomProblems.Create(seed);
        problem = problem with { Nodes = [.. problem.Nodes.Select(node => node with { FreeMemory = node.FreeMemory / 3 })] };
        var random = new Random(seed);
        var first = random.Next(problem.Shape.LayerCount);
        var gap = new LayerRange(first, 1 + random.Next(problem.Shape.LayerCount - first));
        return (problem, gap, Some(), Some());

        HashSet<string> Some() => [.. problem.Nodes.Where(_ => random.Next(3) == 0).Select(node => node.Id)];
    }

    private static string Refusal(SplitProblem problem, LayerRange gap, IReadOnlySet<string>? warm = null, IReadOnlySet<string>? holders = null) =>
        Assert.Throws<EngineException>(() => GapPlanner.Fill(problem, gap, warm ?? Set(), holders ?? Set())).Code;

    private static HashSet<string> Set(params string[] ids) => [.. ids];

    /// <summary>Seven layers of 100 bytes, keys and values with them, and 50 bytes of workspace.</summary>
    private static SplitProblem Problem(params (string Id, long Free)[] nodes) => new()
    {
        Shape = new()
        {
            Name = "model",
            HiddenSize = 4,
            LayerWeightBytes = [.. Enumerable.Repeat(80L, 7)],
            LayerFileBytes = [.. Enumerable.Repeat(80L, 7)],
            HeadWeightBytes = 10_000,
            KvBytesPerLayer = 20,
            WorkspaceBytes = 50,
        },
        Nodes = [.. nodes.Select(node => new NodeProfile { Id = node.Id, Name = node.Id, IsHead = node.Id == "head", FreeMemory = node.Free })],
    };
}
