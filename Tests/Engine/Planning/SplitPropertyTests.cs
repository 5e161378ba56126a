using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Planning;

namespace ManagedSwarm.Tests.Engine.Planning;

/// <summary>What holds of every plan of every strategy, on thousands of random problems.</summary>
public sealed class SplitPropertyTests
{
    private const int Seeds = 3000;

    [Fact]
    public void Plans_are_contiguous_disjoint_complete_and_within_memory()
    {
        var plans = 0;
        foreach (var (problem, strategy) in Cases())
        {
            if (Try(strategy, problem) is not { } plan)
            {
                continue;
            }

            plans++;
            Assert.Equal(0, plan.Stages[0].Layers.First);
            Assert.Equal(problem.Shape.LayerCount, plan.Stages[^1].Layers.End);
            Assert.All(plan.Stages.Zip(plan.Stages.Skip(1)), pair => Assert.Equal(pair.First.Layers.End, pair.Second.Layers.First));
            Assert.All(plan.Stages, stage => RequireMemory(problem, stage));
            Assert.Equal(plan.Stages.Count, plan.Stages.Select(stage => stage.NodeId).Distinct().Count());
            Assert.True(plan.Stages.Count(stage => stage.NodeId != problem.Head.Id) >= problem.MinWorkers);
            Assert.True(problem.HeadHoldsLayers || plan.Stages.All(stage => stage.NodeId != problem.Head.Id));
            Assert.True(problem.Head.FreeMemory >= problem.Shape.HeadWeightBytes);
        }

        Assert.InRange(plans, Seeds, 3 * Seeds);
    }

    [Fact]
    public void The_same_problem_gives_the_same_plan()
    {
        foreach (var (problem, strategy) in Cases().Where((_, index) => index % 7 == 0))
        {
            Assert.Equal(RangesOf(Try(strategy, problem)), RangesOf(Try(strategy, problem with { Nodes = [.. problem.Nodes] })));
        }
    }

    [Fact]
    public void Memory_is_proportional_whatever_the_unit()
    {
        var strategy = new MemoryStrategy();
        for (var seed = 0; seed < Seeds; seed++)
        {
            var problem = RandomProblems.Create(seed);

            Assert.Equal(RangesOf(Try(strategy, problem)), RangesOf(Try(strategy, RandomProblems.Scale(problem, 1_000_003))));
        }
    }

    [Fact]
    public void Memory_stays_the_same_with_more_memory_for_all_where_only_layers_take_any()
    {
        var strategy = new MemoryStrategy();
        var plans = 0;
        for (var seed = 0; seed < Seeds; seed++)
        {
            var problem = RandomProblems.Create(seed);
            problem = problem with
            {
                MinWorkers = 0,
                Shape = problem.Shape with { HeadWeightBytes = 0, WorkspaceBytes = 0 },
                Nodes = [.. problem.Nodes.Select(node => node with { FreeMemory = node.FreeMemory + 20_000 })],
            };
            var more = problem with { Nodes = [.. problem.Nodes.Select(node => node with { FreeMemory = node.FreeMemory * 3 })] };
            plans += Try(strategy, problem) is null ? 0 : 1;

            Assert.Equal(RangesOf(Try(strategy, problem)), RangesOf(Try(strategy, more)));
        }

        Assert.InRange(plans, Seeds * 9 / 10, Seeds);
    }

    [Fact]
    public void Memory_finds_a_split_wherever_one_in_its_order_fits()
    {
        var (found, none) = (0, 0);
        for (var seed = 0; seed < Seeds; seed++)
        {
            var problem = RandomProblems.Create(seed, maxWorkers: 3, maxLayers: 7);
            var inOrder = problem.Holders.Select((node, index) => (node.Id, index)).ToDictionary(pair => pair.Id, pair => pair.index);
            var isPossible = AllSplits.Of(problem).Any(plan => plan.Stages.Select(stage => inOrder[stage.NodeId]).SequenceEqual(
                plan.Stages.Select(stage => inOrder[stage.NodeId]).Order()));
            _ = isPossible ? found++ : none++;

            Assert.Equal(isPossible, Try(new MemoryStrategy(), problem) is not null);
        }

        Assert.True(found > Seeds / 10 && none > Seeds / 10, $"{found} with a split, {none} without");
    }

    [Theory]
    [InlineData(5)]
    [InlineData(14)]
    public void Speed_is_never_slower_than_the_others_by_its_own_prediction(int maxWorkers)
    {
        var compared = 0;
        for (var seed = 0; seed < Seeds / maxWorkers; seed++)
        {
            var problem = RandomProblems.Create(seed, maxWorkers);
            foreach (var other in new ISplitStrategy[] { new MemoryStrategy(), new EvenStrategy() })
            {
                if (Try(other, problem) is { } plan)
                {
                    compared++;
                    Assert.InRange(CostOf(problem, new SpeedStrategy().Split(problem)), 0, CostOf(problem, plan) * (1 + 1e-9));
                }
            }
        }

        Assert.InRange(compared, Seeds / maxWorkers / 3, int.MaxValue);
    }

    [Fact]
    public void Speed_gains_by_faster_nodes_and_links()
    {
        var compared = 0;
        for (var seed = 0; seed < Seeds / 3; seed++)
        {
            var problem = RandomProblems.Create(seed, maxWorkers: 4);
            var faster = problem with
            {
                Nodes = [.. problem.Nodes.Select(node => node with { DecodeMsPerLayer = node.DecodeMsPerLayer / 2, HeadMs = node.HeadMs / 2 })],
                HopOverheadMs = 0,
            };
            if (Try(new SpeedStrategy(), problem) is { } plan)
            {
                compared++;
                Assert.InRange(CostOf(faster, new SpeedStrategy().Split(faster)), 0, CostOf(problem, plan) * (1 + 1e-9));
            }
        }

        Assert.InRange(compared, Seeds / 9, int.MaxValue);
    }

    internal static double CostOf(SplitProblem problem, SplitPlan plan) =>
        problem.Objective == SplitObjective.Throughput ? plan.Prediction.BottleneckMs : plan.Prediction.MsPerToken;

    /// <summary>A strategy's plan; null: it says that it cannot.</summary>
    internal static SplitPlan? Try(ISplitStrategy strategy, SplitProblem problem)
    {
        try
        {
            return strategy.Split(problem);
        }
        catch (EngineException exception)
        {
            Assert.Contains(exception.Code, new[] { "not_enough_memory", "not_enough_workers" });
            return null;
        }
    }

    private static IEnumerable<(SplitProblem Problem, ISplitStrategy Strategy)> Cases() =>
        from seed in Enumerable.Range(0, Seeds)
        from strategy in SplitStrategies.BuiltIn
        select (RandomProblems.Create(seed, maxWorkers: seed % 100 == 0 ? 12 : 4), strategy);

    private static void RequireMemory(SplitProblem problem, StageAssignment stage)
    {
        var node = problem.Nodes.Single(node => node.Id == stage.NodeId);
        var weights = problem.Shape.LayerWeightBytes.Skip(stage.Layers.First).Take(stage.Layers.Count).Sum();
        var head = node.IsHead ? problem.Shape.HeadWeightBytes : 0;
        Assert.Equal(new(weights, stage.Layers.Count * problem.Shape.KvBytesPerLayer, problem.Shape.WorkspaceBytes, head), stage.Memory);
        Assert.True(stage.Memory.Total <= node.FreeMemory);
        Assert.Equal(node.FreeMemory, stage.Free);
    }

    private static string RangesOf(SplitPlan? plan) =>
        plan is null ? "none" : string.Join(", ", plan.Stages.Select(stage => $"{stage.NodeId}={stage.Layers}"));
}
