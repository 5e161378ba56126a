using ManagedSwarm.Transport.Frames;

namespace ManagedSwarm.Transport.Stages.Chains;

/// <summary>What a plan has to be before anybody is asked.</summary>
internal static class PlanRules
{
    /// <exception cref="SwarmException"><c>invalid_plan</c></exception>
    public static void Check(ChainPlan plan)
    {
        var stages = plan.Stages;
        if (stages.Count is < 1 or > HopTime.MaxHops)
        {
            throw Invalid($"it has {stages.Count} stages; allowed are 1 to {HopTime.MaxHops}");
        }

        for (var i = 1; i < stages.Count; i++)
        {
            if (stages[i].Layers.First != stages[i - 1].Layers.End)
            {
                throw Invalid($"stage {i} has layers {stages[i].Layers}; expected is a range from {stages[i - 1].Layers.End} on");
            }
        }
    }

    private static SwarmException Invalid(string what) => new("invalid_plan", $"the plan cannot be: {what}");
}
