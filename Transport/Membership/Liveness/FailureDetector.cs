using System.Diagnostics.CodeAnalysis;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Membership.Liveness;

/// <summary>
/// Finds out who lives, in the manner of SWIM (Das, Gupta, Motivala, 2002) with two differences: neighbours are those with a session, and
/// nobody is lost by hearsay. Anything that a neighbour sends shows that it lives; one that is quiet is probed, then others are asked to
/// probe it, then it is suspect, then lost. One whose session breaks is dialed at once, and others are asked. A suspicion that others tell of is
/// a reason to look for oneself, no more. Pure: time is given, the receiver's own, and never goes back. Not for several threads at once.
/// </summary>
/// <param name="self">This node: others' requests about it are answered.</param>
/// <param name="options">How fast.</param>
/// <param name="seed">Of what is drawn.</param>
/// <param name="output">What it does.</param>
internal sealed partial class FailureDetector(PeerId self, LivenessOptions options, int seed, ILivenessOutput output)
{
    private readonly Dictionary<PeerId, Contact> _contacts = [];
    private readonly List<Contact> _neighbours = [];
    private readonly List<Contact> _inquiries = [];
    private readonly List<Contact> _lost = [];
    private readonly List<Help> _helps = [];
    private readonly Random _random = new(seed);
    private TimeSpan _nextTick = TimeSpan.MaxValue;
    private TimeSpan _nextLostRetry;
    private int _turn;

    /// <summary>All that is known, members or not, without this node.</summary>
    public IReadOnlyCollection<Contact> Contacts => _contacts.Values;

    /// <summary>Those with a session, in no particular order.</summary>
    public IReadOnlyList<Contact> Neighbours => _neighbours;

    /// <summary>Those that are lost.</summary>
    public IReadOnlyList<Contact> Lost => _lost;

    /// <summary>When <see cref="Tick"/> wants to be called; <see cref="TimeSpan.MaxValue"/>: nothing is awaited.</summary>
    public TimeSpan NextTick => _nextTick;

    public bool TryFind(PeerId id, [NotNullWhen(true)] out Contact? contact) => _contacts.TryGetValue(id, out contact);

    /// <summary>A node's record is known, or a newer one: of a lost node it says that it lives again, which is looked into.</summary>
    public Contact Renew(PeerId id, ulong sequence, TimeSpan now)
    {
        var contact = Ensure(id, now);
        contact.Sequence = sequence;
        if (contact.IsMember && contact.State is MemberState.Lost)
        {
            MarkAlive(contact, now);
            Look(contact, now, isHint: false);
        }
        else if (!contact.IsMember || contact.State is MemberState.Left)
        {
            contact.IsMember = true;
            contact.State = MemberState.Alive;
            contact.LastHeard = contact.IsConnected ? contact.LastHeard : now;
        }

        return contact;
    }

    /// <summary>A node has said that it leaves: it is not asked any more.</summary>
    public void Leave(Contact contact, ulong sequence)
    {
        contact.Sequence = sequence;
        contact.State = MemberState.Left;
        EndInquiry(contact);
        EndLoss(contact);
        if (contact.Session is { } session)
        {
            session.ProbedSince = null;
        }
    }

    /// <summary>Its record has gone. While it has a session it stays known, as one that is no member.</summary>
    public void Forget(Contact contact)
    {
        contact.IsMember = false;
        contact.State = MemberState.Alive;
        EndInquiry(contact);
        EndLoss(contact);
        if (!contact.IsConnected)
        {
            _contacts.Remove(contact.Id);
        }
    }

    public Contact Connect(PeerId id, TimeSpan now)
    {
        var contact = Ensure(id, now);
        if (contact.Session is null)
        {
            contact.Session = new SessionState(now);
            _neighbours.Add(contact);
        }

        Hear(contact, now);
        return contact;
    }

    /// <summary>A session is over.</summary>
    /// <param name="contact">With whom.</param>
    /// <param name="isExpected">This node did not need it, so the other one may have given it up: that says nothing.</param>
    /// <param name="now">The time.</param>
    public void Disconnect(Contact contact, bool isExpected, TimeSpan now)
    {
        contact.Session = null;
        _neighbours.Remove(contact);
        if (!contact.IsMember)
        {
            _contacts.Remove(contact.Id);
        }
        else if (!isExpected && contact.State is MemberState.Alive or MemberState.Suspect)
        {
            Look(contact, now, isHint: false);
            Suspect(contact);
        }
    }

    /// <summary>It has sent something: it lives.</summary>
    public void Hear(Contact contact, TimeSpan now)
    {
        if (contact.Session is { } session)
        {
            session.ProbedSince = null;
            session.Asked = 0;
        }

        var wasHint = contact.Inquiry is { IsHint: true };
        MarkAlive(contact, now);
        AnswerHelps(contact, isAlive: true);
        if (wasHint)
        {
            Tell(contact);
        }

        Schedule(now);
    }

    /// <summary>
    /// A dial has come to nothing: others are asked. Also of a node that nobody suspects, and that may just not be reachable from here.
    /// </summary>
    public void FailDial(Contact contact, TimeSpan now)
    {
        if (contact.IsConnected || contact is not { IsMember: true, State: MemberState.Alive or MemberState.Suspect })
        {
            return;
        }

        var inquiry = contact.Inquiry ?? Begin(contact, now, isHint: false);
        if (inquiry.Failed is null)
        {
            inquiry.Failed = now;
            AnswerHelps(contact, isAlive: false);
            inquiry.Awaited = AskOthers(contact, inquiry.Nonce);
            Conclude(contact, inquiry, now);
        }
    }

    private Contact Ensure(PeerId id, TimeSpan now)
    {
        if (!_contacts.TryGetValue(id, out var contact))
        {
            contact = new Contact(id) { LastHeard = now };
            _contacts.Add(id, contact);
        }

        return contact;
    }

    private void MarkAlive(Contact contact, TimeSpan now)
    {
        contact.LastHeard = now;
        EndInquiry(contact);
        var before = contact.State;
        if (before is MemberState.Suspect or MemberState.Lost)
        {
            EndLoss(contact);
            contact.State = MemberState.Alive;
            output.StateChanged(contact, before is MemberState.Lost ? SwarmEventKind.Returned : SwarmEventKind.Cleared);
        }
    }

    private void Suspect(Contact contact)
    {
        if (contact is { IsMember: true, State: MemberState.Alive })
        {
            contact.State = MemberState.Suspect;
            output.StateChanged(contact, SwarmEventKind.Suspected);
        }
    }

    private void Lose(Contact contact, TimeSpan now)
    {
        EndInquiry(contact);
        if (!contact.IsMember || contact.State is MemberState.Lost or MemberState.Left)
        {
            return;
        }

        Suspect(contact);
        contact.State = MemberState.Lost;
        contact.Loss = new LossTimes(now);
        _lost.Add(contact);
        AnswerHelps(contact, isAlive: false);
        if (!contact.IsConnected)
        {
            TellNeighbours(contact);
        }

        output.StateChanged(contact, SwarmEventKind.Lost);
    }

    private void EndInquiry(Contact contact)
    {
        if (contact.Inquiry is not null)
        {
            contact.Inquiry = null;
            _inquiries.Remove(contact);
        }
    }

    private void EndLoss(Contact contact)
    {
        if (contact.Loss is not null)
        {
            contact.Loss = null;
            _lost.Remove(contact);
        }
    }

    private void Schedule(TimeSpan now)
    {
        if (_nextTick == TimeSpan.MaxValue && _neighbours.Count + _inquiries.Count + _lost.Count + _helps.Count > 0)
        {
            _nextTick = now + options.Period;
        }
    }
}
