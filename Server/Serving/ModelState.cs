namespace ManagedSwarm.Server.Serving;

/// <summary>How a model of the catalog is.</summary>
public enum ModelState
{
    /// <summary>It lies on disk.</summary>
    Unloaded,

    /// <summary>It is on its way into memory, or to the swarm's members.</summary>
    Loading,

    /// <summary>It answers.</summary>
    Loaded,

    /// <summary>The last try to load it has failed.</summary>
    Failed,
}
