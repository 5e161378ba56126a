namespace ManagedSwarm.Transport.Libp2p.Sessions;

/// <summary>A connection with a peer, as far as it matters for which of several is the one.</summary>
internal interface ILink
{
    /// <summary>Who is at the other end.</summary>
    PeerId RemotePeer { get; }

    /// <summary>Whether this side dialed.</summary>
    bool IsDialer { get; }

    /// <summary>False: it is ending, and good for nothing.</summary>
    bool IsOpen { get; }
}
