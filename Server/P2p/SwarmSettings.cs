using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Server.P2p;

/// <summary>How this node is a member of a swarm, as its user asked for. Token and network id can be changed while it runs.</summary>
internal sealed record SwarmSettings
{
    /// <summary>Whether it joins when it starts.</summary>
    public bool IsOn { get; init; }

    /// <summary>Of which swarm; null: of a new one.</summary>
    public SwarmToken? Token { get; init; }

    /// <summary>Of which part of it; null: of none.</summary>
    public string? NetworkId { get; init; }

    /// <summary>Empty: the default.</summary>
    public IReadOnlyList<Multiaddress> Listen { get; init; } = [];

    public IReadOnlyList<Multiaddress> Announce { get; init; } = [];

    public IReadOnlyList<Multiaddress> Bootstrap { get; init; } = [];

    public bool UsesDht { get; init; } = true;

    /// <summary>Null: all; none: mDNS is off.</summary>
    public IReadOnlyList<string>? MdnsInterfaces { get; init; }

    /// <summary>Whether far fewer connections are taken.</summary>
    public bool IsLimited { get; init; }

    /// <summary>Null: one of the user's configuration.</summary>
    public string? IdentityFile { get; init; }

    /// <summary>Null: as the machine.</summary>
    public string? NodeName { get; init; }

    /// <summary>What it does for the swarm, of <see cref="Transport.Membership.NodeRole"/>.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>What computes.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>The limits of <see cref="IsLimited"/>.</summary>
    public LocalPeerLimits Limits => IsLimited
        ? new() { Connections = 100, ConnectionsPerAddress = 16, Handshakes = 16, KnownPeers = 256 }
        : new();

    /// <summary>The token as it is used: a new one where there is none, for the part of the swarm.</summary>
    /// <exception cref="StartException">The part has no name that can be.</exception>
    public SwarmToken TokenInUse()
    {
        try
        {
            return (Token ?? SwarmToken.Generate()).InSubnetwork(NetworkId);
        }
        catch (SwarmException exception)
        {
            throw new StartException(exception.Message, exception);
        }
    }
}
