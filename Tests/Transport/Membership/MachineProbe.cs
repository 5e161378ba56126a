using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Gossip;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Membership.Messages;

namespace ManagedSwarm.Tests.Transport.Membership;

/// <summary>One machine, whose peers a test plays.</summary>
internal sealed class MachineProbe : IMembershipOutput, IDisposable
{
    public static readonly NodeFacts Facts = new() { Name = "one", Version = "1", TotalMemory = 8L << 30, FreeMemory = 4L << 30 };

    private const string Topic = "topic";

    private readonly Identity _identity;
    private readonly MembershipOptions _options;
    private ulong _number;

    /// <param name="number">Which peer it is, as in <see cref="Peer"/>.</param>
    /// <param name="change">Other options.</param>
    public MachineProbe(byte number = 0, Func<MembershipOptions, MembershipOptions>? change = null)
    {
        var options = new MembershipOptions { Topic = Topic };
        (_identity, _options) = (IdentityOf(number), change?.Invoke(options) ?? options);
        Machine = CreateMachine(this);
    }

    public MembershipMachine Machine { get; }

    public TimeSpan Now { get; set; }

    public PeerId Self => _identity.PeerId;

    public List<(PeerId To, MemberMessage Message)> Sent { get; } = [];

    public List<(PeerId To, GossipRpc Rpc)> Gossip { get; } = [];

    public List<PeerId> Dialed { get; } = [];

    public List<PeerId> GivenUp { get; } = [];

    public List<(SwarmEventKind Kind, SwarmMember Member)> Changes { get; } = [];

    public List<string> Refusals { get; } = [];

    public ulong OwnSequence => Machine.Ledger.Find(Self)!.Sequence;

    /// <summary>A record of a peer that a number stands for.</summary>
    public static (PeerId Id, ReadOnlyMemory<byte> Record) Peer(byte number, ulong sequence = 1)
    {
        using var identity = IdentityOf(number);
        var record = new NodeRecordCodec(identity, "test").Sign(sequence, TimeSpan.FromHours(1), isTombstone: false, Facts with { Name = $"{number}" });
        return (identity.PeerId, record.Bytes);
    }

    /// <summary>A record of a peer, as its author or another one says that the author spreads it.</summary>
    public static GossipRpc Spread(byte author, byte signer, ulong sequence = 1)
    {
        using var identity = IdentityOf(signer);
        var (id, record) = Peer(author, sequence);
        return new() { Messages = [GossipSigning.Sign(identity, Topic, record, sequence) with { From = id }] };
    }

    /// <summary>Another machine of the same peer.</summary>
    public MembershipMachine CreateMachine(IMembershipOutput output) => new(
        _identity.PeerId,
        new NodeRecordCodec(_identity, "test"),
        _options,
        () => DateTimeOffset.UnixEpoch.AddYears(50) + Now,
        data => GossipSigning.Sign(_identity, Topic, data, _number++),
        seed: 1,
        output);

    /// <summary>Lets time pass in which the machine ticks when it wants to.</summary>
    public void Pass(TimeSpan time)
    {
        var end = Now + time;
        while (Machine.NextTick <= end)
        {
            Now = Machine.NextTick > Now ? Machine.NextTick : Now;
            Machine.Tick(Now);
        }

        Now = end;
    }

    /// <summary>A session with a peer, which has said who it is.</summary>
    public PeerId Connect(byte number)
    {
        var (id, record) = Peer(number);
        Machine.Connected(id, Now);
        Machine.Receive(id, new MemberMessage.Records([record]), Now);
        return id;
    }

    /// <summary>A session with a peer, which is a neighbour in gossip, too.</summary>
    public PeerId ConnectGossip(byte number)
    {
        var id = Connect(number);
        Machine.ReceiveGossip(id, new() { Subscriptions = [new(Topic, true)], Grafts = [Topic] }, Now);
        return id;
    }

    /// <summary>What it has sent to another one gets there, and the answers, until there are none. Takes no time.</summary>
    public void Exchange(MachineProbe other)
    {
        while (HandOver(this, other) | HandOver(other, this))
        {
        }
    }

    public void Dispose() => _identity.Dispose();

    private static Identity IdentityOf(byte number) => Identity.FromSeed([.. Enumerable.Repeat(number, 32)]);

    private static bool HandOver(MachineProbe from, MachineProbe to)
    {
        MemberMessage[] messages = [.. from.Sent.Where(sent => sent.To == to.Self).Select(sent => sent.Message)];
        GossipRpc[] gossip = [.. from.Gossip.Where(sent => sent.To == to.Self).Select(sent => sent.Rpc)];
        from.Sent.Clear();
        from.Gossip.Clear();
        foreach (var message in messages)
        {
            to.Machine.Receive(from.Self, message, to.Now);
        }

        foreach (var rpc in gossip)
        {
            to.Machine.ReceiveGossip(from.Self, rpc, to.Now);
        }

        return messages.Length + gossip.Length > 0;
    }

    void IMembershipOutput.Send(PeerId to, MemberMessage message) => Sent.Add((to, message));

    void IMembershipOutput.SendGossip(PeerId to, GossipRpc rpc) => Gossip.Add((to, rpc));

    void IMembershipOutput.Dial(PeerId peer) => Dialed.Add(peer);

    void IMembershipOutput.Disconnect(PeerId peer) => GivenUp.Add(peer);

    void IMembershipOutput.Changed(SwarmEventKind kind, SwarmMember member) => Changes.Add((kind, member));

    void IMembershipOutput.Refused(PeerId from, string code, string reason) => Refusals.Add(code);
}
