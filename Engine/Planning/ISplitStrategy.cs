namespace ManagedSwarm.Engine.Planning;

/// <summary>
/// Decides which node holds which layers. A pure function: the same problem gives the same plan, on any machine. A public implementation
/// with a constructor without parameters can be loaded from an assembly of the user's (<see cref="StrategyAssembly"/>).
/// </summary>
public interface ISplitStrategy
{
    /// <summary>What users call it: lower case, no spaces.</summary>
    string Name { get; }

    /// <summary>Makes a plan, by <see cref="SplitPlan.Create"/>.</summary>
    /// <exception cref="EngineException"><c>not_enough_memory</c>, <c>not_enough_workers</c>, <c>invalid_plan</c></exception>
    SplitPlan Split(SplitProblem problem);
}
