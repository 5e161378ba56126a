namespace ManagedSwarm.Engine.Planning;

/// <summary>Where a plan is decided: whether to split at all, by whom, and whether what a strategy says can be.</summary>
public static class SplitPlanner
{
    /// <summary>
    /// Makes a plan. Without a strategy, and without a number of workers, a model that fits into the head's memory stays whole; else
    /// <see cref="SplitStrategies.Default"/> splits it.
    /// </summary>
    /// <exception cref="EngineException">
    /// <c>not_enough_memory</c>, <c>not_enough_workers</c>, <c>invalid_plan</c>, <c>invalid_value</c>; <c>strategy_failed</c>: a strategy of the
    /// user's threw something else.
    /// </exception>
    public static SplitPlan Plan(SplitProblem problem, ISplitStrategy? strategy)
    {
        problem.Validate();
        return strategy is null && StaysWhole(problem) ? SplitPlan.Whole(problem) : Ask(strategy ?? SplitStrategies.Default, problem);
    }

    /// <summary>Whether a model is not split unless a strategy is asked for.</summary>
    /// <exception cref="EngineException"><c>invalid_value</c>, <c>not_enough_memory</c>: it can be nowhere.</exception>
    public static bool StaysWhole(SplitProblem problem)
    {
        problem.Validate();
        return problem is { MinWorkers: 0, HeadHoldsLayers: true } && NodeRoom.ById(problem)[problem.Head.Id].Fits(0, problem.Shape.LayerCount);
    }

    private static SplitPlan Ask(ISplitStrategy strategy, SplitProblem problem)
    {
        SplitPlan? plan;
        try
        {
            plan = strategy.Split(problem);
        }
        catch (Exception exception) when (exception is not EngineException)
        {
            throw new EngineException(
                "strategy_failed", $"the strategy '{strategy.Name}' failed: {exception.GetType().Name}: {exception.Message}", exception);
        }

        // It may be a plan of another problem.
        return plan is null
            ? throw new EngineException("invalid_plan", $"the strategy '{strategy.Name}' has made no plan")
            : SplitPlan.Create(problem, plan.Stages.Select(stage => new NodeRange(stage.NodeId, stage.Layers)));
    }
}
