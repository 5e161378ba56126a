using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Planning;

namespace ManagedSwarm.Tests.Engine.Planning;

public sealed class MemoryStrategyTests
{
    [Theory]
    [InlineData(10, "1 1 1", "4 3 3")]
    [InlineData(10, "2 1 1", "5 3 2")]
    [InlineData(7, "0 5 0", "0 7 0")]
    [InlineData(3, "0 0 0 0", "1 1 1 0")]
    [InlineData(32, "9223372036854775807 9223372036854775807", "16 16")]
    [InlineData(80, "24 12 6 6", "40 20 10 10")]
    public void Divides_by_largest_remainders(int layers, string memory, string shares) =>
        Assert.Equal(shares, string.Join(' ', MemoryShares.Of(layers, [.. memory.Split(' ').Select(long.Parse)])));

    [Fact]
    public void Fills_every_node_to_the_same_part()
    {
        // For layers: 1855 - 55 and 605 - 5; each layer takes 110.
        var problem = Problem(1855, 605);

        Assert.Equal("a=0..5, b=6..7", Ranges(problem));
    }

    [Fact]
    public void Leaves_out_who_cannot_take_a_layer() => Assert.Equal("a=0..3, c=4..7", Ranges(Problem(1055, 114, 1005)));

    [Fact]
    public void Leaves_the_head_without_layers_where_it_has_room_for_its_own_part_only() => Assert.Equal("b=0..7", Ranges(Problem(50, 885)));

    [Fact]
    public void Gives_what_rounding_would_overfill_to_the_others()
    {
        // By shares 3, 3 and 2, but three take 330.
        Assert.Equal("a=0..2, b=3..4, c=5..7", Ranges(Problem(385, 329, 345)));
    }

    [Fact]
    public void Gives_layers_to_as_many_workers_as_are_asked_for()
    {
        var problem = Problem(100_000, 1000, 1000, 1000);

        Assert.Equal("a=0..7", Ranges(problem));
        Assert.Equal(2, new MemoryStrategy().Split(problem with { MinWorkers = 2 }).Stages.Count(stage => stage.NodeId != "a"));
    }

    [Theory]
    [InlineData(3, "not_enough_workers")]
    [InlineData(9, "not_enough_workers")]
    public void Says_so_where_there_are_too_few_workers(int asked, string code)
    {
        var exception = Assert.Throws<EngineException>(() => new MemoryStrategy().Split(Problem(2000, 2000, 2000, 50) with { MinWorkers = asked }));

        Assert.Equal(code, exception.Code);
        Assert.Contains($"{asked} workers, as is asked for: 2 have memory for any", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Says_who_lacks_how_much_and_how_much_in_all()
    {
        const long mib = 1 << 20;
        var problem = Problem(1000 * mib, 1000 * mib, 60 * mib);
        problem = problem with { Shape = problem.Shape with { LayerWeightBytes = [.. Enumerable.Repeat(300 * mib, 8)] } };

        var exception = Assert.Throws<EngineException>(() => new MemoryStrategy().Split(problem));

        Assert.Equal("not_enough_memory", exception.Code);
        Assert.Contains("'head' lacks 0.20 GiB (layers 0..3 need 1.17 GiB:", exception.Message, StringComparison.Ordinal);
        Assert.Contains("'worker' lacks 0.20 GiB (layers 4..7 need", exception.Message, StringComparison.Ordinal);
        Assert.EndsWith("0.39 GiB are missing in all", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Says_what_each_node_lacks_where_none_can_take_a_layer()
    {
        var exception = Assert.Throws<EngineException>(() => new MemoryStrategy().Split(Problem(100, 20)));

        Assert.Equal("not_enough_memory", exception.Code);
        Assert.Contains("it cannot take a single layer", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Says_so_where_nobody_may_hold_layers()
    {
        var problem = Problem(1000) with { HeadHoldsLayers = false };

        Assert.All(SplitStrategies.BuiltIn, strategy =>
            Assert.Equal("not_enough_workers", Assert.Throws<EngineException>(() => strategy.Split(problem)).Code));
    }

    private static string Ranges(SplitProblem problem) =>
        string.Join(", ", new MemoryStrategy().Split(problem).Stages.Select(stage => $"{stage.NodeId}={stage.Layers}"));

    /// <summary>Eight layers of 100 + 10, 5 of workspace, 50 of the head.</summary>
    private static SplitProblem Problem(params long[] memory) => SplitPlanTests.Problem() with
    {
        Nodes =
        [
            .. memory.Select((free, index) => new NodeProfile
            {
                Id = ((char)('a' + index)).ToString(),
                Name = index == 0 ? "head" : "worker",
                IsHead = index == 0,
                FreeMemory = free,
            }),
        ],
    };
}
