namespace ManagedSwarm.Engine.Planning;

/// <summary>As many layers for each node, one more for the first ones where it does not divide; memory is not asked, only checked.</summary>
public sealed class EvenStrategy : ISplitStrategy
{
    public string Name => "even";

    public SplitPlan Split(SplitProblem problem)
    {
        problem.Validate();
        NodeProfile[] holders = [.. problem.Holders];
        if (holders.Length == 0)
        {
            throw StageLayout.NoHolders(problem);
        }

        var (each, more) = Math.DivRem(problem.Shape.LayerCount, holders.Length);
        return SplitPlan.Create(problem, StageLayout.OfCounts(holders, [.. holders.Select((_, index) => each + (index < more ? 1 : 0))]));
    }
}
