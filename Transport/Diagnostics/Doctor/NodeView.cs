using ManagedSwarm.Transport.Discovery;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Diagnostics.Doctor;

/// <summary>What the node on this machine says.</summary>
public sealed record NodeView
{
    /// <summary>Who it is.</summary>
    public required PeerId Self { get; init; }

    /// <summary>The network in its protocol ids: <see cref="Token.SwarmKeys.Network"/>.</summary>
    public required string Network { get; init; }

    /// <summary>Where it tells others to reach it.</summary>
    public IReadOnlyList<Multiaddress> Addresses { get; init; } = [];

    /// <summary>Members that it has a session with.</summary>
    public int Sessions { get; init; }

    /// <summary>The addresses that it has tried last.</summary>
    public IReadOnlyList<AddressTrial> Trials { get; init; } = [];
}
