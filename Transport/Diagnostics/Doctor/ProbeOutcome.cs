namespace ManagedSwarm.Transport.Diagnostics.Doctor;

/// <summary>What came of trying an address: the better it tells the cause, the later it stands.</summary>
public enum ProbeOutcome
{
    /// <summary>A member of the swarm has answered.</summary>
    Connected,

    /// <summary>It is none that can be dialed.</summary>
    Undialable,

    /// <summary>None of the others.</summary>
    Failed,

    /// <summary>Its name has no IP address.</summary>
    UnknownName,

    /// <summary>There is no way to its network or its machine.</summary>
    HostUnreachable,

    /// <summary>Its machine does not answer.</summary>
    TimedOut,

    /// <summary>Its machine says that nobody listens there.</summary>
    Refused,

    /// <summary>The connection is taken, and then there is silence.</summary>
    NoAnswer,

    /// <summary>Something else speaks there.</summary>
    NotManagedSwarm,

    /// <summary>The connection is taken and closed before a word.</summary>
    ClosedAtOnce,

    /// <summary>libp2p speaks there, but does not know the token's secrets.</summary>
    AnotherToken,
}
