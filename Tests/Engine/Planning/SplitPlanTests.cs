using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Planning;

namespace ManagedSwarm.Tests.Engine.Planning;

/// <summary>The rules of plans, and what strategies and users say that breaks them.</summary>
public sealed class SplitPlanTests
{
    [Theory]
    [InlineData("a=0..3,b=5..7", "invalid_plan", "layers 4..4 are given to no node")]
    [InlineData("a=0..3,b=4..6", "invalid_plan", "layers 7..7 are given to no node")]
    [InlineData("b=1..7", "invalid_plan", "layers 0..0 are given to no node")]
    [InlineData("", "invalid_plan", "layers 0..7 are given to no node")]
    [InlineData("a=0..4,b=3..7", "invalid_plan", "layers 3..4 are given to two nodes")]
    [InlineData("a=0..7,b=0..7", "invalid_plan", "layers 0..7 are given to two nodes")]
    [InlineData("a=0..3,a=4..7", "invalid_plan", "'head' is to hold two ranges")]
    [InlineData("a=0..3,x=4..7", "invalid_plan", "there is no node 'x' for layers 4..7")]
    [InlineData("a=0..3,b=4..8", "layer_range", "layers 4..8 are not within")]
    public void Refuses_ranges_that_are_no_plan(string ranges, string code, string says)
    {
        var exception = Assert.Throws<EngineException>(() => SplitPlan.Create(Problem(), Ranges(ranges)));

        Assert.Equal(code, exception.Code);
        Assert.Contains(says, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_ranges_without_end()
    {
        static IEnumerable<NodeRange> Endless()
        {
            while (true)
            {
                yield return new("a", new(0, 8));
            }
        }

        Assert.Equal("invalid_plan", Assert.Throws<EngineException>(() => SplitPlan.Create(Problem(), Endless())).Code);
    }

    [Fact]
    public void Refuses_nonsense_of_strategies()
    {
        static string CodeOf(NodeRange range) => Assert.Throws<EngineException>(() => SplitPlan.Create(Problem(), [range])).Code;

        Assert.Equal("invalid_plan", CodeOf(default));
        Assert.Equal("layer_range", CodeOf(new("a", new(int.MaxValue, int.MaxValue))));
        Assert.Equal("layer_range", CodeOf(new("a", new(-1, 9))));
    }

    [Fact]
    public void Puts_ranges_in_order()
    {
        var plan = SplitPlan.Create(Problem(), Ranges("b=4..7,a=0..3"));

        Assert.Equal(["a", "b"], plan.Stages.Select(stage => stage.NodeId));
        Assert.Equal(new StageMemory(400, 40, 5, 50), plan.Stages[0].Memory);
        Assert.Equal(new StageMemory(400, 40, 5, 0), plan.Stages[1].Memory);
    }

    [Fact]
    public void Names_who_lacks_how_much_memory()
    {
        const long gib = 1 << 30;
        var problem = Problem() with { Shape = Problem().Shape with { LayerWeightBytes = [.. Enumerable.Repeat(gib, 8)] }, Context = 4096 };
        problem = problem with { Nodes = [problem.Nodes[0] with { FreeMemory = 10 * gib }, problem.Nodes[1] with { FreeMemory = 5 * gib / 2 }] };

        var exception = Assert.Throws<EngineException>(() => SplitPlan.Create(problem, Ranges("a=0..3,b=4..7")));

        Assert.Equal("not_enough_memory", exception.Code);
        Assert.Equal(
            "not enough memory for model with a context of 4096 tokens: 'worker' lacks 1.50 GiB (layers 4..7 need 4.00 GiB: 4.00 GiB for weights, "
            + "0 KiB for keys and values, 0 KiB of workspace; 2.50 GiB are free); 1.50 GiB are missing in all",
            exception.Message);
    }

    [Fact]
    public void Names_the_head_where_even_embedding_and_output_are_too_much()
    {
        var problem = Problem() with { HeadHoldsLayers = false };
        problem = problem with { Nodes = [problem.Nodes[0] with { FreeMemory = 49 }, problem.Nodes[1]] };

        var exception = Assert.Throws<EngineException>(() => SplitPlan.Create(problem, Ranges("b=0..7")));

        Assert.Equal("not_enough_memory", exception.Code);
        Assert.Contains("'head' lacks 0 KiB (embedding and output need", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_fewer_workers_than_are_asked_for()
    {
        var exception = Assert.Throws<EngineException>(() => SplitPlan.Create(Problem() with { MinWorkers = 1 }, Ranges("a=0..7")));

        Assert.Equal("not_enough_workers", exception.Code);
        Assert.Contains("0 workers would hold layers of model; at least 1", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_layers_of_a_head_that_shall_hold_none()
    {
        var problem = Problem() with { HeadHoldsLayers = false };

        Assert.Equal("invalid_plan", Assert.Throws<EngineException>(() => SplitPlan.Create(problem, Ranges("a=0..7"))).Code);
    }

    [Fact]
    public void Refuses_problems_that_are_none()
    {
        var good = Problem();
        SplitProblem[] bad =
        [
            good with { Nodes = [] },
            good with { Nodes = [good.Nodes[1]] },
            good with { Nodes = [good.Nodes[0], good.Nodes[1] with { IsHead = true }] },
            good with { Nodes = [good.Nodes[0], good.Nodes[1] with { Id = "a" }] },
            good with { Nodes = [good.Nodes[0], good.Nodes[1] with { FreeMemory = -1 }] },
            good with { Nodes = [good.Nodes[0], good.Nodes[1] with { DecodeMsPerLayer = double.NaN }] },
            good with { Nodes = [good.Nodes[0], good.Nodes[1] with { MemoryBandwidth = 0 }] },
            good with { Shape = good.Shape with { LayerWeightBytes = [], LayerFileBytes = [] } },
            good with { Shape = good.Shape with { LayerWeightBytes = [.. good.Shape.LayerWeightBytes, 1] } },
            good with { Shape = good.Shape with { KvBytesPerLayer = -1 } },
            good with { Requests = 0 },
            good with { PromptTokens = 0 },
            good with { WireBytesPerValue = double.NaN },
        ];

        Assert.All(bad, problem => Assert.Equal("invalid_value", Assert.Throws<EngineException>(() => SplitPlan.Create(problem, Ranges("a=0..7"))).Code));
        Assert.Throws<EngineException>(() => new LinkMatrix(new(-1, 1), []));
        Assert.Throws<EngineException>(() => new LinkMatrix(new(0, 1), [("a", "b", new(0, 0))]));
    }

    [Fact]
    public void Refuses_a_model_whose_bytes_cannot_be_counted()
    {
        var problem = Problem() with { Shape = Problem().Shape with { KvBytesPerLayer = long.MaxValue } };

        Assert.Equal("not_enough_memory", Assert.Throws<EngineException>(() => SplitPlanner.Plan(problem, null)).Code);
    }

    internal static IEnumerable<NodeRange> Ranges(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(item =>
    {
        Assert.True(ManualRange.TryParse(item, out var range));
        return new NodeRange(range!.Node, range.Layers);
    });

    internal static SplitProblem Problem() => new()
    {
        Shape = new()
        {
            Name = "model",
            HiddenSize = 64,
            LayerWeightBytes = [.. Enumerable.Repeat(100L, 8)],
            LayerFileBytes = [.. Enumerable.Repeat(90L, 8)],
            HeadWeightBytes = 50,
            KvBytesPerLayer = 10,
            WorkspaceBytes = 5,
        },
        Nodes =
        [
            new() { Id = "a", Name = "head", IsHead = true, FreeMemory = 1000 },
            new() { Id = "b", Name = "worker", FreeMemory = 1000 },
        ],
    };
}
