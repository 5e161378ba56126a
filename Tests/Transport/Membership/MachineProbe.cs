using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Gossip;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Membership.Messages;

namespace ManagedSwarm.Tests.Transport.Membership;

/// <summary>One machine, whose peers a test plays.</summary>
internal sealed class MachineProbe : IMembershipOutput, IDisposable
{
    public static readonly NodeFacts Facts = new() { Name = "one", Version = "1", TotalMemory = 8L << 30, FreeMemory = 4L << 30 };

    private readonly Identity _identity = Identity.FromSeed(new byte[32]);
    private ulong _number;

    public MachineProbe() => Machine = new MembershipMachine(
        _identity.PeerId,
        new NodeRecordCodec(_identity, "test"),
        new MembershipOptions { Topic = "topic" },
        () => DateTimeOffset.UnixEpoch.AddYears(50) + Now,
        data => new GossipMessage { From = _identity.PeerId, Data = data, SequenceNumber = _number++, Topic = "topic" },
        seed: 1,
        this);

    public MembershipMachine Machine { get; }

    public TimeSpan Now { get; set; }

    public PeerId Self => _identity.PeerId;

    public List<(PeerId To, MemberMessage Message)> Sent { get; } = [];

    public List<GossipRpc> Gossip { get; } = [];

    public List<PeerId> Dialed { get; } = [];

    public List<PeerId> GivenUp { get; } = [];

    public List<(SwarmEventKind Kind, SwarmMember Member)> Changes { get; } = [];

    public List<string> Refusals { get; } = [];

    public ulong OwnSequence => Machine.Ledger.Find(Self)!.Sequence;

    /// <summary>A record of a peer that a number stands for.</summary>
    public static (PeerId Id, ReadOnlyMemory<byte> Record) Peer(byte number, ulong sequence = 1)
    {
        using var identity = Identity.FromSeed([.. Enumerable.Repeat(number, 32)]);
        var record = new NodeRecordCodec(identity, "test").Sign(sequence, TimeSpan.FromHours(1), isTombstone: false, Facts with { Name = $"{number}" });
        return (identity.PeerId, record.Bytes);
    }

    /// <summary>Lets time pass in which the machine ticks when it wants to.</summary>
    public void Pass(TimeSpan time)
    {
        for (var end = Now + time; Machine.NextTick <= end;)
        {
            Now = Machine.NextTick > Now ? Machine.NextTick : Now;
            Machine.Tick(Now);
        }

        Now += time;
    }

    /// <summary>A session with a peer, which has said who it is.</summary>
    public PeerId Connect(byte number)
    {
        var (id, record) = Peer(number);
        Machine.Connected(id, Now);
        Machine.Receive(id, new MemberMessage.Records([record]), Now);
        return id;
    }

    public void Dispose() => _identity.Dispose();

    void IMembershipOutput.Send(PeerId to, MemberMessage message) => Sent.Add((to, message));

    void IMembershipOutput.SendGossip(PeerId to, GossipRpc rpc) => Gossip.Add(rpc);

    void IMembershipOutput.Dial(PeerId peer) => Dialed.Add(peer);

    void IMembershipOutput.Disconnect(PeerId peer) => GivenUp.Add(peer);

    void IMembershipOutput.Changed(SwarmEventKind kind, SwarmMember member) => Changes.Add((kind, member));

    void IMembershipOutput.Refused(PeerId from, string code, string reason) => Refusals.Add(code);
}
