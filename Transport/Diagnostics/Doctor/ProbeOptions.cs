using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Transport.Diagnostics.Doctor;

/// <summary>How a peer works that is there for one dial only.</summary>
internal static class ProbeOptions
{
    /// <param name="token">The swarm's.</param>
    /// <param name="timeout">Of each step of a dial, and of each answer.</param>
    /// <param name="time">The clock of these.</param>
    public static LocalPeerOptions For(SwarmToken token, TimeSpan timeout, TimeProvider time) => LocalPeerOptions.For(token) with
    {
        Timeouts = new() { Connect = timeout, Handshake = timeout, Negotiation = timeout, Identify = timeout, Ping = timeout },
        Time = time,
    };
}
