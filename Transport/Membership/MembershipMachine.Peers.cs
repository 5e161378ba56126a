using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Gossip;
using ManagedSwarm.Transport.Membership.Liveness;
using ManagedSwarm.Transport.Membership.Messages;

namespace ManagedSwarm.Transport.Membership;

/// <summary>What peers do: they come, speak and go.</summary>
internal sealed partial class MembershipMachine
{
    /// <summary>There is a session with a peer, whoever has dialed. A second one with the same peer is not told.</summary>
    public void Connected(PeerId peer, TimeSpan now)
    {
        if (Enter(now) && peer != _self)
        {
            var contact = _detector.Connect(peer, _now);
            contact.FailedDials = 0;
            contact.Session!.Budget = (_options.RecordBurst, _now);
            _output.Send(peer, new MemberMessage.Hello(MessageVersion, _wallClock().ToUnixTimeMilliseconds()));
            ReviveForgotten(contact);
            Greet(contact, compares: _selfKey < contact.Key);
            _gossip.AddPeer(peer, _now);
            ChooseSoon();
        }
    }

    /// <summary>A stream to a peer broke and is open again: some of what was sent last may be lost. The session goes on.</summary>
    public void Reopened(PeerId peer, TimeSpan now)
    {
        if (Enter(now) && _detector.TryFind(peer, out var contact) && contact.IsConnected)
        {
            _output.Send(peer, new MemberMessage.Hello(MessageVersion, _wallClock().ToUnixTimeMilliseconds()));
            // The other side may not notice, and so has nothing to say again.
            Greet(contact, compares: true);
            _gossip.AddPeer(peer, _now);
        }
    }

    /// <summary>The last session with a peer is over.</summary>
    /// <param name="peer">Which.</param>
    /// <param name="code">Why, as of <see cref="SwarmException.Code"/>.</param>
    /// <param name="now">The time.</param>
    public void Disconnected(PeerId peer, string code, TimeSpan now)
    {
        if (Enter(now) && _detector.TryFind(peer, out var contact) && contact.Session is { } session)
        {
            _gossip.RemovePeer(peer);
            contact.NextDial = _now;
            _detector.Disconnect(contact, isExpected: !session.IsNeededHere, _now);
            ChooseSoon();
        }
    }

    /// <summary>A dial that was asked for has ended.</summary>
    /// <param name="peer">Whose.</param>
    /// <param name="code">Null: there is a session; else why not.</param>
    /// <param name="now">The time.</param>
    public void DialEnded(PeerId peer, string? code, TimeSpan now)
    {
        if (!Enter(now) || !_dialing.Remove(peer))
        {
            return;
        }

        if (code is not null && _detector.TryFind(peer, out var contact) && !contact.IsConnected)
        {
            BackOff(contact);
            _detector.FailDial(contact, _now);
            ChooseSoon();
        }
    }

    /// <summary>A peer's message has come.</summary>
    public void Receive(PeerId from, MemberMessage message, TimeSpan now)
    {
        if (!Enter(now) || !_detector.TryFind(from, out var contact) || contact.Session is not { } session)
        {
            return;
        }

        _detector.Hear(contact, _now);
        ReviveForgotten(contact);
        switch (message)
        {
            case MemberMessage.Hello hello:
                TakeHello(from, session, hello);
                break;
            case MemberMessage.Suspect suspect when suspect.Target == _self:
                Refute(from, suspect.Sequence);
                break;
            case MemberMessage.Summary summary:
                TakeSummary(from, summary.Groups);
                break;
            case MemberMessage.Digest digest:
                TakeDigest(from, digest);
                break;
            case MemberMessage.Records records:
                TakeRecords(from, session, records.Signed);
                break;
            case MemberMessage.Want want:
                SendWanted(from, want.Owners);
                break;
            case MemberMessage.Keep keep:
                session.IsNeededThere = keep.IsNeeded;
                ChooseSoon();
                break;
            default:
                _detector.Receive(contact, message, _now);
                break;
        }
    }

    /// <summary>A peer's gossip has come.</summary>
    public void ReceiveGossip(PeerId from, GossipRpc rpc, TimeSpan now)
    {
        if (Enter(now) && _detector.TryFind(from, out var contact) && contact.IsConnected)
        {
            _detector.Hear(contact, _now);
            _gossip.Receive(from, rpc, _now);
        }
    }

    private void TakeHello(PeerId from, SessionState session, MemberMessage.Hello hello)
    {
        if (hello.Version != MessageVersion)
        {
            _output.Refused(from, "version_mismatch", $"{from} speaks version {hello.Version} of the members' messages; allowed is {MessageVersion}");
            _output.Disconnect(from);
            return;
        }

        session.ClockAhead = TimeSpan.FromMilliseconds(hello.WallClock - (double)_wallClock().ToUnixTimeMilliseconds());
    }
}
