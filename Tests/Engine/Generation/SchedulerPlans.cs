using ManagedSwarm.Engine.Generation;

namespace ManagedSwarm.Tests.Engine.Generation;

/// <summary>Plans that stay as they are when the next one is made.</summary>
internal static class SchedulerPlans
{
    /// <summary>The next step; null: there is nothing to do.</summary>
    public static StepPlan? Plan(this Scheduler scheduler)
    {
        var plan = new StepPlan();
        return scheduler.TryPlan(plan) ? plan : null;
    }
}
