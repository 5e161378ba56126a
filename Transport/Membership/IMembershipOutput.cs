using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Gossip;
using ManagedSwarm.Transport.Membership.Messages;

namespace ManagedSwarm.Transport.Membership;

/// <summary>What a <see cref="MembershipMachine"/> does. Called within its calls, none of which may be made from here.</summary>
internal interface IMembershipOutput
{
    /// <summary>Sends to a peer that has a session, in order; may be lost with the session.</summary>
    void Send(PeerId to, MemberMessage message);

    /// <summary>The same for gossip, which has streams of its own.</summary>
    void SendGossip(PeerId to, GossipRpc rpc);

    /// <summary>Asks for a session; answered by <see cref="MembershipMachine.DialEnded"/>, always and once, whatever comes of it.</summary>
    void Dial(PeerId peer);

    /// <summary>Nobody needs the session with it; answered by <see cref="MembershipMachine.Disconnected"/>.</summary>
    void Disconnect(PeerId peer);

    /// <summary>A member has come, changed or gone.</summary>
    void Changed(SwarmEventKind kind, SwarmMember member);

    /// <summary>A peer has sent what it should not: a forged record, too many.</summary>
    /// <param name="from">Who has sent it, which may be another than whose it is.</param>
    /// <param name="code">As of <see cref="SwarmException.Code"/>.</param>
    /// <param name="reason">In one line.</param>
    void Refused(PeerId from, string code, string reason);
}
