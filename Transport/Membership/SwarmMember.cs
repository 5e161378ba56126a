using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Membership;

/// <summary>A node of the swarm, as this node sees it now.</summary>
public sealed record SwarmMember
{
    public required PeerId Id { get; init; }

    /// <summary>What it has said last.</summary>
    public required NodeFacts Facts { get; init; }

    /// <summary>The number of that record: each is larger than those before.</summary>
    public required ulong Sequence { get; init; }

    public required MemberState State { get; init; }

    /// <summary>Whether it is this node itself.</summary>
    public bool IsSelf { get; init; }

    /// <summary>Whether there is a session with it.</summary>
    public bool IsConnected { get; init; }

    /// <summary>Where that session goes to; null: there is none.</summary>
    public Multiaddress? RemoteAddress { get; init; }

    /// <summary>The time of the last answered probe, there and back; null: none was sent from here.</summary>
    public TimeSpan? RoundTrip { get; init; }

    /// <summary>How long ago it was known to live, by this node's monotonic clock.</summary>
    public TimeSpan SinceSeen { get; init; }
}
