using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Membership.Messages;

namespace ManagedSwarm.Transport.Membership.Liveness;

/// <summary>What a failure detector does. It may be called again from within only after it has returned.</summary>
internal interface ILivenessOutput
{
    void Send(PeerId to, MemberMessage message);

    /// <summary>Dials it, if that is not being done already.</summary>
    void Dial(Contact contact);

    /// <summary><see cref="Contact.State"/> has changed.</summary>
    void StateChanged(Contact contact, SwarmEventKind kind);

    /// <summary>It has been lost for so long that nothing needs to be known about it any more.</summary>
    void Forget(Contact contact);
}
