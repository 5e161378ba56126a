using System.Diagnostics.Metrics;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Token;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ManagedSwarm.Transport.Membership;

/// <summary>How a node is a member of a swarm.</summary>
public sealed record SwarmOptions
{
    public required SwarmToken Token { get; init; }

    /// <summary>Who this node is. Stays the caller's.</summary>
    public required Identity Identity { get; init; }

    /// <summary>What this node says about itself: measured anew at each call. <see cref="NodeFacts.Addresses"/> is filled in by the swarm.</summary>
    public required Func<NodeFacts> Facts { get; init; }

    /// <summary>Where it listens; port 0 takes a free one.</summary>
    public IReadOnlyList<Multiaddress> ListenAddresses { get; init; } = [Multiaddress.Parse("/ip4/0.0.0.0/tcp/0")];

    /// <summary>Where others are told to reach it; empty: where it listens.</summary>
    public IReadOnlyList<Multiaddress> AnnounceAddresses { get; init; } = [];

    /// <summary>Where members may be found, beside what the token says.</summary>
    public IReadOnlyList<Multiaddress> Bootstrap { get; init; } = [];

    /// <summary>Whether the private DHT is served and asked.</summary>
    public bool UsesDht { get; init; } = true;

    /// <summary>Network interfaces on which members are looked for by mDNS: their names; null: all that can; none: off.</summary>
    public IReadOnlyList<string>? MdnsInterfaces { get; init; }

    /// <summary>The folder by which nodes of one user on one machine find each other; null: off.</summary>
    public string? RegistryFolder { get; init; }

    /// <summary>The file that remembers members' addresses over restarts; null: none.</summary>
    public string? PeerCacheFile { get; init; }

    public LocalPeerLimits Limits { get; init; } = new();

    /// <summary>How long it waits for other peers; otherwise than by default for tests only.</summary>
    internal LocalPeerTimeouts Timeouts { get; init; } = new();

    /// <summary>The clock of all waits.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Makes the meters; null: nobody does, they are made here.</summary>
    public IMeterFactory? Meters { get; init; }
}
