namespace ManagedSwarm.Transport.Token;

/// <summary>How a swarm works.</summary>
[Flags]
public enum SwarmTokenFlags
{
    /// <summary>Open and hidden.</summary>
    None = 0,

    /// <summary>The token alone lets nobody in; open: it does.</summary>
    Closed = 1,

    /// <summary>
    /// Connections are not encrypted a second time to hide what they are: a stranger who connects can learn that libp2p is spoken, and the
    /// peer's id, but no more.
    /// </summary>
    Fast = 2,
}
