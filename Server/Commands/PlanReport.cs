using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Planning;
using ManagedSwarm.Server.Hosting;

namespace ManagedSwarm.Server.Commands;

/// <summary>What strategies make of a problem.</summary>
/// <param name="Problem">Valid.</param>
/// <param name="Sequences">How many of full context the memory is for.</param>
/// <param name="Note">Where the nodes are from, where that is not obvious.</param>
/// <param name="StaysWhole">Whether <c>run</c> would not split it unless it is told to.</param>
/// <param name="Plans">By strategy.</param>
internal sealed record PlanReport(SplitProblem Problem, int Sequences, string? Note, bool StaysWhole, IReadOnlyList<PlanReport.Outcome> Plans)
{
    /// <exception cref="StartException">There is nothing to plan.</exception>
    public static PlanReport Make(
        SplitProblem problem, IReadOnlyList<ISplitStrategy> strategies, int sequences, string? note, PlanHistory past)
    {
        try
        {
            return new(problem, sequences, note, SplitPlanner.StaysWhole(problem), [.. strategies.Select(strategy => Try(problem, strategy, past))]);
        }
        catch (EngineException exception)
        {
            throw new StartException(exception.Message, exception);
        }
    }

    private static Outcome Try(SplitProblem problem, ISplitStrategy strategy, PlanHistory past)
    {
        try
        {
            var plan = SplitPlanner.Plan(problem, strategy);
            return new(strategy.Name, plan, null, past.Compare(problem, plan));
        }
        catch (EngineException exception)
        {
            return new(strategy.Name, null, exception, null);
        }
    }

    /// <param name="Strategy">Its name.</param>
    /// <param name="Plan">Null: it cannot.</param>
    /// <param name="Error">Why not.</param>
    /// <param name="Measured">Its last run; null: it has not run.</param>
    internal sealed record Outcome(string Strategy, SplitPlan? Plan, EngineException? Error, PlanComparison? Measured);
}
