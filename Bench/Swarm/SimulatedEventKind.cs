namespace ManagedSwarm.Bench.Swarm;

internal enum SimulatedEventKind
{
    Tick,
    Message,

    /// <summary>A dial reaches the node.</summary>
    Dialed,

    /// <summary>A dial of the node has been answered, or refused.</summary>
    DialEnded,

    DialTimeout,

    /// <summary>The node hears that a session is over.</summary>
    SessionEnded,

    /// <summary>What whoever simulates wants to do.</summary>
    Action,
}
