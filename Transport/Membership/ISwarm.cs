using ManagedSwarm.Transport.Discovery;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Transport.Membership;

/// <summary>This node as a member of a swarm. Safe for use by many threads; disposing leaves the swarm.</summary>
public interface ISwarm : IAsyncDisposable
{
    /// <summary>A member has come, changed or gone. Called by any thread, one call at a time, in order; must not throw, and not wait.</summary>
    event Action<SwarmEvent>? Changed;

    /// <summary>Who this node is.</summary>
    PeerId Self { get; }

    /// <summary>The token to hand on: it names this node's addresses.</summary>
    SwarmToken Token { get; }

    /// <summary>This node's connections and streams.</summary>
    ILocalPeer Peer { get; }

    /// <summary>Where others are told to reach this node, with <c>/p2p/ID</c> at the end.</summary>
    IReadOnlyList<Multiaddress> Addresses { get; }

    /// <summary>All members that are known, this node first, then by name and id.</summary>
    IReadOnlyList<SwarmMember> Members { get; }

    /// <summary>The addresses that were tried last, one entry for each, the newest first.</summary>
    IReadOnlyList<AddressTrial> Trials { get; }

    /// <summary>What this node says about itself has changed: it is asked for and made known now, not at the next turn.</summary>
    void Announce();
}
