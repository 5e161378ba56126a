namespace ManagedSwarm.Bench.Swarm;

/// <summary>A dial under way.</summary>
/// <param name="by">Who dials.</param>
/// <param name="target">Whom.</param>
internal sealed class SimulatedDial(SimulatedNode by, SimulatedNode target)
{
    public SimulatedNode By { get; } = by;

    /// <summary>Of the dialer: what it asked for before it was started anew does not concern it.</summary>
    public int Life { get; } = by.Life;

    public SimulatedNode Target { get; } = target;

    public bool IsDone { get; set; }
}
