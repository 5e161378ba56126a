using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Membership;

/// <summary>What a node says about itself. Others believe that it is the node that says so, not that it is true.</summary>
public sealed record NodeFacts
{
    /// <summary>What its user calls it; without a choice, the machine's name.</summary>
    public required string Name { get; init; }

    /// <summary>The program's version: <c>0.1.0</c>.</summary>
    public required string Version { get; init; }

    /// <summary>What it does for the swarm, of <see cref="NodeRole"/>; unknown ones are kept.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>What computes: <c>cpu</c>, <c>cuda</c>, <c>torch-cpu</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Processors that this process may use, as its cgroup and its affinity allow.</summary>
    public int Cores { get; init; }

    /// <summary>Bytes of the device's memory that this process may use at most, as the system and its cgroup allow.</summary>
    public long TotalMemory { get; init; }

    /// <summary>Bytes of it that are free.</summary>
    public long FreeMemory { get; init; }

    /// <summary>Bytes per second that its processors read its memory with, as it has measured; 0: not known.</summary>
    public long MemoryBandwidth { get; init; }

    /// <summary>The models that it can serve or give away.</summary>
    public IReadOnlyList<ModelFacts> Models { get; init; } = [];

    /// <summary>The layers that it holds for others.</summary>
    public IReadOnlyList<HeldLayers> Layers { get; init; } = [];

    public NodeLoad Load { get; init; } = new(0, 0);

    /// <summary>Where it can be reached.</summary>
    public IReadOnlyList<Multiaddress> Addresses { get; init; } = [];
}
