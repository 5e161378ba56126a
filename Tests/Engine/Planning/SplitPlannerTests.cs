using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Planning;

namespace ManagedSwarm.Tests.Engine.Planning;

public sealed class SplitPlannerTests
{
    [Fact]
    public void A_model_that_fits_the_head_is_not_split_unless_somebody_asks()
    {
        var problem = SplitPlanTests.Problem();

        Assert.Single(SplitPlanner.Plan(problem, null).Stages);
        Assert.Equal(2, SplitPlanner.Plan(problem, new MemoryStrategy()).Stages.Count);
        Assert.Equal(2, SplitPlanner.Plan(problem with { MinWorkers = 1 }, null).Stages.Count);
        Assert.Equal("b", Assert.Single(SplitPlanner.Plan(problem with { HeadHoldsLayers = false }, null).Stages).NodeId);
    }

    [Fact]
    public void A_model_that_does_not_fit_the_head_is_split_by_memory()
    {
        var problem = SplitPlanTests.Problem();
        problem = problem with { Nodes = [problem.Nodes[0] with { FreeMemory = 934 }, problem.Nodes[1]] };

        Assert.False(SplitPlanner.StaysWhole(problem));
        Assert.Equal(new MemoryStrategy().Split(problem).Stages, SplitPlanner.Plan(problem, null).Stages);
    }

    [Fact]
    public void A_users_plan_is_made_again_from_its_ranges()
    {
        var problem = SplitPlanTests.Problem();
        var roomy = problem with { Nodes = [.. problem.Nodes.Select(node => node with { FreeMemory = 1L << 40 })] };
        var poor = problem with { Nodes = [problem.Nodes[0] with { FreeMemory = 200 }, problem.Nodes[1]] };

        // It plans for nodes with more memory than there is.
        var exception = Assert.Throws<EngineException>(() => SplitPlanner.Plan(poor, new FakeStrategy(_ => SplitPlan.Whole(roomy))));

        Assert.Equal("not_enough_memory", exception.Code);
    }

    [Fact]
    public void What_a_users_strategy_throws_is_said_with_its_name()
    {
        var failing = new FakeStrategy(_ => throw new InvalidOperationException("no luck"));

        var exception = Assert.Throws<EngineException>(() => SplitPlanner.Plan(SplitPlanTests.Problem(), failing));

        Assert.Equal(("strategy_failed", "the strategy 'fake' failed: InvalidOperationException: no luck"), (exception.Code, exception.Message));
        var empty = new FakeStrategy(_ => null!);
        Assert.Equal("invalid_plan", Assert.Throws<EngineException>(() => SplitPlanner.Plan(SplitPlanTests.Problem(), empty)).Code);
    }

    private sealed class FakeStrategy(Func<SplitProblem, SplitPlan> split) : ISplitStrategy
    {
        public string Name => "fake";

        public SplitPlan Split(SplitProblem problem) => split(problem);
    }
}
