using System.Diagnostics.CodeAnalysis;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Gossip;
using ManagedSwarm.Transport.Membership.Liveness;
using ManagedSwarm.Transport.Membership.Messages;
using ManagedSwarm.Transport.Membership.Overlays;

namespace ManagedSwarm.Transport.Membership;

/// <summary>
/// A node as a member of a swarm, without sockets and clocks: who is there (<see cref="Ledger"/>), who lives
/// (<see cref="FailureDetector"/>), with whom sessions are kept (<see cref="Overlay"/>), and how news spreads (<see cref="GossipRouter"/>, and
/// comparing ledgers with neighbours, which makes good whatever was lost). The same calls with the same seed have the same results.
/// </summary>
/// <remarks>
/// One call at a time. <c>now</c> is the time since any fixed start, on this node's monotonic clock. A call that comes much later than
/// <see cref="NextTick"/> shows that this node itself did not run: see <see cref="MembershipOptions.MaxLateness"/>.
/// </remarks>
internal sealed partial class MembershipMachine : ILivenessOutput, IGossipOutput
{
    /// <summary>Of the messages between members: see <see cref="MemberMessage.Hello"/>.</summary>
    public const int MessageVersion = 1;

    private readonly PeerId _self;
    private readonly ulong _selfKey;
    private readonly INodeRecordCodec _codec;
    private readonly MembershipOptions _options;
    private readonly Func<DateTimeOffset> _wallClock;
    private readonly Func<ReadOnlyMemory<byte>, GossipMessage> _compose;
    private readonly IMembershipOutput _output;
    private readonly Random _random;
    private readonly Ledger _ledger;
    private readonly FailureDetector _detector;
    private readonly Overlay _overlay;
    private readonly GossipRouter _gossip;

    // How much of the time this node has slept through; all times within are without it.
    private TimeSpan _slept;
    private TimeSpan _now;
    private bool _hasLeft;

    /// <param name="self">Who this node is.</param>
    /// <param name="codec">Signs its records and verifies those of others.</param>
    /// <param name="options">How it works.</param>
    /// <param name="wallClock">For the numbers of its records, and for diagnosis.</param>
    /// <param name="compose">Makes a gossip message of a record, in the options' topic, signed where that is needed.</param>
    /// <param name="seed">Of all that is drawn.</param>
    /// <param name="output">What it does.</param>
    public MembershipMachine(
        PeerId self,
        INodeRecordCodec codec,
        MembershipOptions options,
        Func<DateTimeOffset> wallClock,
        Func<ReadOnlyMemory<byte>, GossipMessage> compose,
        int seed,
        IMembershipOutput output)
    {
        (_self, _selfKey, _codec, _options) = (self, LedgerSummary.KeyOf(self), codec, options);
        (_wallClock, _compose, _output) = (wallClock, compose, output);
        _random = new Random(seed);
        _ledger = new Ledger(self, options.Ledger, peer => _detector!.TryFind(peer, out var contact) && contact.IsConnected);
        _detector = new FailureDetector(self, options.Liveness, seed, this);
        _overlay = new Overlay(_selfKey, options.Overlay);
        _gossip = new GossipRouter(self, options.Gossip with { Accepts = AcceptsGossip }, seed, this);
    }

    /// <summary>When <see cref="Tick"/> wants to be called; changes with each call. <see cref="TimeSpan.MaxValue"/>: nothing is awaited.</summary>
    public TimeSpan NextTick
    {
        get
        {
            var next = Earlier(_detector.NextTick, _gossip.NextTick);
            next = Earlier(next, Earlier(_nextChoice, _nextComparison));
            next = Earlier(next, Earlier(_nextPublication, Earlier(_nextSpread, _ledger.NextExpiry)));
            return _hasLeft || next == TimeSpan.MaxValue ? TimeSpan.MaxValue : next + _slept;
        }
    }

    /// <summary>All members that are known, this node among them once it has announced itself.</summary>
    public IEnumerable<SwarmMember> Members =>
        (_ledger.Find(_self) is { } own ? [CreateMember(own, null)] : Enumerable.Empty<SwarmMember>())
        .Concat(_detector.Contacts.Where(contact => contact.IsMember).Select(CreateMember));

    /// <summary>Those that are known, this node without.</summary>
    internal IReadOnlyCollection<Contact> Contacts => _detector.Contacts;

    internal Ledger Ledger => _ledger;

    internal bool TryFind(PeerId id, [NotNullWhen(true)] out Contact? contact) => _detector.TryFind(id, out contact);

    /// <summary>Does what is due.</summary>
    public void Tick(TimeSpan now)
    {
        if (!Enter(now))
        {
            return;
        }

        _detector.Tick(_now);
        _gossip.Tick(_now);
        PublishIfDue();
        CompareIfDue();
        ChooseIfDue();
        if (_now >= _ledger.NextExpiry)
        {
            Expire();
        }
    }

    void ILivenessOutput.Send(PeerId to, MemberMessage message) => _output.Send(to, message);

    void ILivenessOutput.Dial(Contact contact) => Dial(contact);

    void ILivenessOutput.StateChanged(Contact contact, SwarmEventKind kind)
    {
        Tell(kind, contact);
        ChooseSoon();
    }

    void ILivenessOutput.Forget(Contact contact)
    {
        Tell(SwarmEventKind.Forgotten, contact);
        _detector.Forget(contact);
    }

    void IGossipOutput.Send(PeerId to, GossipRpc rpc) => _output.SendGossip(to, rpc);

    void IGossipOutput.Deliver(PeerId from, GossipMessage message)
    {
        // It has been taken when the router asked whether it may be spread.
    }

    private static TimeSpan Earlier(TimeSpan one, TimeSpan other) => one < other ? one : other;

    /// <summary>Takes the time.</summary>
    /// <returns>False: this node has left, nothing concerns it any more.</returns>
    private bool Enter(TimeSpan now)
    {
        var late = now - NextTick;
        if (late > _options.MaxLateness)
        {
            _slept += late;
        }

        _now = now - _slept;
        return !_hasLeft;
    }

    private void Tell(SwarmEventKind kind, Contact contact)
    {
        if (contact.IsMember && _ledger.Find(contact.Id) is not null)
        {
            _output.Changed(kind, CreateMember(contact));
        }
    }

    private SwarmMember CreateMember(Contact contact) => CreateMember(_ledger.Find(contact.Id)!, contact);

    private SwarmMember CreateMember(NodeRecord record, Contact? contact) => new()
    {
        Id = record.Owner,
        Facts = record.Facts,
        Sequence = record.Sequence,
        State = contact?.State ?? MemberState.Alive,
        IsSelf = contact is null,
        IsConnected = contact is { IsConnected: true },
        RoundTrip = contact is { RoundTrip: var time } && time >= TimeSpan.Zero ? time : null,
        SinceSeen = contact is null ? TimeSpan.Zero : _now - contact.LastHeard,
    };
}
