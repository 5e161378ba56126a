namespace ManagedSwarm.Transport.Diagnostics.Doctor;

/// <summary>Names of findings.</summary>
public static class FindingCode
{
    /// <summary>The machine is there, but nobody listens on the port.</summary>
    public const string PortClosed = "port_closed";

    /// <summary>No word from the machine at all.</summary>
    public const string TimedOut = "timed_out";

    /// <summary>There is no way to the machine.</summary>
    public const string HostUnreachable = "host_unreachable";

    /// <summary>The name has no address.</summary>
    public const string UnknownName = "unknown_name";

    /// <summary>Somebody takes the connection and says nothing.</summary>
    public const string NoAnswer = "no_answer";

    /// <summary>Somebody takes the connection and closes it before a word is said.</summary>
    public const string LimitsHit = "limits_hit";

    /// <summary>This machine's node takes no more connections.</summary>
    public const string OwnLimitsHit = "own_limits_hit";

    /// <summary>A peer is near its limit of connections.</summary>
    public const string LimitsNear = "limits_near";

    /// <summary>A member of another swarm, or something else that uses libp2p.</summary>
    public const string AnotherToken = "another_token";

    /// <summary>Another program.</summary>
    public const string NotManagedSwarm = "not_managedswarm";

    /// <summary>Another node than the one that was named.</summary>
    public const string WrongPeer = "wrong_peer";

    /// <summary>The address is none that can be dialed.</summary>
    public const string InvalidAddress = "invalid_address";

    /// <summary>The dial failed by something that has no name of its own here.</summary>
    public const string DialFailed = "dial_failed";

    /// <summary>The two programs cannot work together.</summary>
    public const string VersionMismatch = "version_mismatch";

    /// <summary>The two programs differ, and can work together.</summary>
    public const string OtherVersion = "other_version";

    /// <summary>The peer does not answer doctors.</summary>
    public const string NoDoctor = "no_doctor";

    /// <summary>Two nodes have the same identity.</summary>
    public const string DuplicateIdentity = "duplicate_identity";

    /// <summary>A peer's clock differs from this machine's.</summary>
    public const string ClockSkew = "clock_skew";

    /// <summary>A peer can be reached from here, but cannot reach this machine.</summary>
    public const string OneWay = "one_way";

    /// <summary>A peer can reach this machine's node at an address that the node does not announce.</summary>
    public const string UnannouncedAddress = "unannounced_address";

    /// <summary>No address that the user has named can be reached.</summary>
    public const string DeadBootstrap = "dead_bootstrap";

    /// <summary>There is nothing to try.</summary>
    public const string NoAddresses = "no_addresses";

    /// <summary>Nobody knows where the peer is that was asked for.</summary>
    public const string UnknownPeer = "unknown_peer";

    /// <summary>The local network cannot be asked.</summary>
    public const string MdnsUnavailable = "mdns_unavailable";

    /// <summary>The node on this machine is in another swarm than the token's.</summary>
    public const string NodeElsewhere = "node_in_another_swarm";

    /// <summary>The node on this machine has no session, although others can be reached.</summary>
    public const string NodeAlone = "node_alone";
}
