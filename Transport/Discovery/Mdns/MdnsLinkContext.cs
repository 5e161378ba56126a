using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Transport.Discovery.Mdns;

/// <summary>What a link needs to know.</summary>
internal sealed record MdnsLinkContext
{
    /// <summary>The swarm's.</summary>
    public required SwarmKeys Keys { get; init; }

    /// <summary>Who this node is.</summary>
    public required PeerId Self { get; init; }

    /// <summary>Where this node can be reached, on any link; asked each time.</summary>
    public required Func<IReadOnlyList<Multiaddress>> Addresses { get; init; }

    public required MdnsInterface Interface { get; init; }

    /// <summary>Makes a name of this node for a day: a label that tells nothing.</summary>
    public required Func<string> CreateInstance { get; init; }

    public required MdnsTiming Timing { get; init; }
}
