using ManagedSwarm.Engine.Planning;

namespace ManagedSwarm.Tests.Engine.Planning;

public sealed class SpeedStrategyTests
{
    private static readonly LinkProfile Fast = new(1, 1e9);

    /// <summary>All splits, all subsets and all orders of up to four workers.</summary>
    [Theory]
    [InlineData(SplitObjective.ReplyTime)]
    [InlineData(SplitObjective.Throughput)]
    public void Is_as_good_as_the_best_of_all_splits(SplitObjective objective)
    {
        var (found, none) = (0, 0);
        for (var seed = 0; seed < 400; seed++)
        {
            var problem = RandomProblems.Create(seed, maxWorkers: 4, maxLayers: 7) with { Objective = objective };
            var all = AllSplits.Of(problem).ToArray();
            var plan = SplitPropertyTests.Try(new SpeedStrategy(), problem);
            if (all.Length == 0)
            {
                none++;
                Assert.Null(plan);
                continue;
            }

            found++;
            var best = all.Min(other => SplitPropertyTests.CostOf(problem, other));
            Assert.Equal(best, SplitPropertyTests.CostOf(problem, plan!), best * 1e-9);
            if (objective == SplitObjective.Throughput)
            {
                var least = all.Where(other => other.Prediction.BottleneckMs <= best * (1 + 1e-12)).Min(other => other.Prediction.MsPerToken);
                Assert.Equal(least, plan!.Prediction.MsPerToken, least * 1e-9);
            }
        }

        Assert.True(found > 100 && none > 20, $"{found} with a split, {none} without");
    }

    [Fact]
    public void Takes_the_fewest_nodes_for_one_reply_and_all_for_many()
    {
        var problem = Alike(workers: 3);

        var reply = new SpeedStrategy().Split(problem);
        var throughput = new SpeedStrategy().Split(problem with { Objective = SplitObjective.Throughput });

        Assert.Equal("head", Assert.Single(reply.Stages).NodeId);
        Assert.Equal([2, 2, 2, 2], throughput.Stages.Select(stage => stage.Layers.Count));
        Assert.True(throughput.Prediction.TokensPerSecond > reply.Prediction.TokensPerSecond);
    }

    [Fact]
    public void Leaves_the_slow_node_out_where_the_others_hold_the_model()
    {
        var problem = Alike(workers: 2) with { HeadHoldsLayers = false };
        problem = problem with { Nodes = [problem.Nodes[0], problem.Nodes[1] with { DecodeMsPerLayer = 50 }, problem.Nodes[2]] };

        Assert.Equal("w2", Assert.Single(new SpeedStrategy().Split(problem).Stages).NodeId);
    }

    [Fact]
    public void Orders_nodes_so_that_the_slow_link_is_not_used()
    {
        var problem = Alike(workers: 3) with
        {
            HeadHoldsLayers = false,
            MinWorkers = 3,
            // A ring that is fast in one direction only: head, 2, 3, 1, head.
            Links = new(new(50, 1e9), [("head", "w2", Fast), ("w2", "w3", Fast), ("w3", "w1", Fast), ("w1", "head", Fast)]),
        };

        Assert.Equal(["w2", "w3", "w1"], new SpeedStrategy().Split(problem).Stages.Select(stage => stage.NodeId));
    }

    [Fact]
    public void Goes_from_the_nearest_to_the_nearest_where_there_are_too_many_for_all_orders()
    {
        const int workers = 20;
        var problem = Alike(workers, layers: workers);
        // Along a line, given in another order: each step costs as much as it is long.
        var links =
            from a in Enumerable.Range(0, workers + 1)
            from b in Enumerable.Range(0, workers + 1)
            select (IdOf(a), IdOf(b), new LinkProfile(Math.Abs(PlaceOf(a) - PlaceOf(b)), 1e9));
        problem = problem with { HeadHoldsLayers = false, MinWorkers = workers, Links = new(new(1000, 1e9), links) };

        var stages = new SpeedStrategy().Split(problem).Stages;

        Assert.Equal(Enumerable.Range(1, workers), stages.Select(stage => PlaceOf(int.Parse(stage.NodeId[1..]))));

        static string IdOf(int node) => node == 0 ? "head" : $"w{node}";
        static int PlaceOf(int node) => node == 0 ? 0 : 1 + (node * 7 % workers);
    }

    [Fact]
    public void Plans_for_a_thousand_nodes()
    {
        var problem = Alike(workers: 1000, layers: 100);
        problem = problem with { HeadHoldsLayers = false, Nodes = [.. problem.Nodes.Select(node => node with { FreeMemory = 1000 })] };

        Assert.All(SplitStrategies.BuiltIn, strategy => Assert.InRange(strategy.Split(problem).Stages.Count, 10, 100));
    }

    private static SplitProblem Alike(int workers, int layers = 8) => new()
    {
        Shape = new()
        {
            Name = "model",
            HiddenSize = 16,
            LayerWeightBytes = [.. Enumerable.Repeat(100L, layers)],
            LayerFileBytes = [.. Enumerable.Repeat(100L, layers)],
            HeadWeightBytes = 0,
            KvBytesPerLayer = 0,
            WorkspaceBytes = 0,
        },
        Nodes =
        [
            .. Enumerable.Range(0, workers + 1).Select(node => new NodeProfile
            {
                Id = node == 0 ? "head" : $"w{node}",
                Name = "n",
                IsHead = node == 0,
                FreeMemory = 100_000,
                DecodeMsPerLayer = 1,
            }),
        ],
    };
}
