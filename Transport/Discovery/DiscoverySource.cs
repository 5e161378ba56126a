namespace ManagedSwarm.Transport.Discovery;

/// <summary>Names of ways to hear of nodes: <see cref="IPeerDiscovery.Name"/>.</summary>
public static class DiscoverySource
{
    /// <summary>Nodes of the same user on the same machine.</summary>
    public const string Registry = "registry";

    /// <summary>The local network.</summary>
    public const string Mdns = "mdns";

    /// <summary>Addresses that the user or the token has named.</summary>
    public const string Bootstrap = "bootstrap";

    /// <summary>Members' own records.</summary>
    public const string Member = "member";

    /// <summary>What was known before a restart.</summary>
    public const string Cache = "cache";

    /// <summary>The private DHT.</summary>
    public const string Dht = "dht";
}
