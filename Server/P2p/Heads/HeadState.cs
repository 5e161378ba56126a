namespace ManagedSwarm.Server.P2p.Heads;

/// <summary>How far a model is that is spread over the swarm.</summary>
internal enum HeadState
{
    /// <summary>Not enough nodes are there yet.</summary>
    Waiting = 0,

    /// <summary>Weights are on their way to workers.</summary>
    Fetching = 1,

    /// <summary>Weights are brought into memory.</summary>
    Loading = 2,

    /// <summary>All layers are covered.</summary>
    Ready = 3,
}
