namespace ManagedSwarm.Transport.Membership;

/// <summary>Names of what nodes do for a swarm.</summary>
public static class NodeRole
{
    /// <summary>Serves an API and may spread a model over workers.</summary>
    public const string Head = "head";

    /// <summary>Takes layers of others' models.</summary>
    public const string Worker = "worker";

    /// <summary>Serves whole requests that a router sends.</summary>
    public const string Instance = "instance";

    /// <summary>Sends whole requests to instances.</summary>
    public const string Router = "router";
}
