namespace ManagedSwarm.Server.Drills;

/// <summary>What is done to a worker.</summary>
internal enum DrillFault
{
    /// <summary>SIGKILL: it is gone, and the system closes its connections.</summary>
    Kill,

    /// <summary>SIGSTOP: it says nothing more, and its connections stay open.</summary>
    Stop,

    /// <summary>SIGTERM: it hands its layers over and leaves.</summary>
    Term,

    /// <summary>All its TCP connections to other nodes are reset, while it lives.</summary>
    Reset,

    /// <summary>It is stopped for four fifths of the time, until the reply is over.</summary>
    Slow,
}
