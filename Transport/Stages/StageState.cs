namespace ManagedSwarm.Transport.Stages;

/// <summary>How far a stage on a worker is.</summary>
public enum StageState
{
    /// <summary>Its weights are on their way.</summary>
    Fetching = 0,

    /// <summary>Its weights are brought into memory.</summary>
    Loading = 1,

    /// <summary>It could compute; the others are not ready yet. Of a standby: it has the weights.</summary>
    Ready = 2,

    /// <summary>It computes what comes.</summary>
    Running = 3,

    /// <summary>One of its streams is lost: it computes nothing more, and waits for what the head does.</summary>
    Broken = 4,

    /// <summary>It is gone, or about to be.</summary>
    Ended = 5,
}
