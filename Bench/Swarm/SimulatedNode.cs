using System.Security.Cryptography;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Gossip;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Membership.Messages;

namespace ManagedSwarm.Bench.Swarm;

/// <summary>A node of a simulated network: a machine, its sessions, and what it has sent.</summary>
internal sealed class SimulatedNode : IMembershipOutput, IDisposable
{
    // What yamux and noise add to a message that goes alone: 12 bytes of header, 2 of length, 16 of authentication.
    private const int FramingBytes = 30;

    // As long as a real one.
    private static readonly byte[] Signature = new byte[64];

    private readonly SimulatedNetwork _network;
    private readonly Identity _identity;
    private readonly SimulatedRecordCodec _codec;
    private ulong _gossipNumber;

    public SimulatedNode(SimulatedNetwork network, int index)
    {
        (_network, Index) = (network, index);
        _identity = Identity.FromSeed(SHA256.HashData(BitConverter.GetBytes(index)));
        _codec = new(new NodeRecordCodec(_identity, "simulated"), network.Records);
        Machine = CreateMachine();
    }

    public int Index { get; }

    public PeerId Id => _identity.PeerId;

    public Identity Identity => _identity;

    public INodeRecordCodec Codec => _codec;

    public MembershipMachine Machine { get; private set; }

    /// <summary>How often it has been started.</summary>
    public int Life { get; private set; }

    public bool IsRunning { get; set; }

    public bool IsPaused { get; set; }

    /// <summary>Nodes of different sides do not reach each other.</summary>
    public int Side { get; set; }

    /// <summary>By how much its wall clock is ahead.</summary>
    public TimeSpan Skew { get; set; }

    public Dictionary<PeerId, SimulatedSession> Sessions { get; } = [];

    /// <summary>What has happened to it while it was paused.</summary>
    public Queue<SimulatedEvent> Deferred { get; } = [];

    /// <summary>When it will tick; earlier ones that are still queued count for nothing.</summary>
    public TimeSpan ScheduledTick { get; set; } = TimeSpan.MaxValue;

    public long BytesSent { get; private set; }

    public long MessagesSent { get; private set; }

    /// <summary>All that it has noticed, where somebody wants to know.</summary>
    public List<(TimeSpan At, SwarmEventKind Kind, PeerId Id)> Events { get; } = [];

    /// <summary>What it has refused, by code.</summary>
    public Dictionary<string, int> Refusals { get; } = [];

    public NodeFacts Facts => new()
    {
        Name = $"node-{Index}",
        Version = "0.1.0",
        Roles = [NodeRole.Worker, NodeRole.Instance],
        Cores = 8,
        TotalMemory = 32L << 30,
        FreeMemory = 20L << 30,
        Models = [new ModelFacts("tinyllama-1.1b-chat-q4_0", Convert.ToHexStringLower(SHA256.HashData([1])), 700_000_000)],
        Addresses = [Multiaddress.Parse($"/ip4/10.0.{Index >> 8 & 255}.{Index & 255}/tcp/4001"), Multiaddress.Parse("/ip4/192.168.1.2/tcp/4001")],
    };

    /// <summary>Begins anew, remembering nothing.</summary>
    public void Restart()
    {
        Life++;
        Machine = CreateMachine();
        ScheduledTick = TimeSpan.MaxValue;
    }

    public void Count(int bytes)
    {
        BytesSent += bytes + FramingBytes;
        MessagesSent++;
    }

    public GossipMessage Compose(ReadOnlyMemory<byte> record) => new()
    {
        From = Id,
        Data = record,
        SequenceNumber = ((ulong)Life << 32) + _gossipNumber++,
        Topic = _network.Options.Membership.Topic,
        Signature = Signature,
    };

    public void Dispose() => _identity.Dispose();

    void IMembershipOutput.Send(PeerId to, MemberMessage message)
    {
        Count(MemberMessageSize.Of(message));
        _network.Send(this, to, message);
    }

    void IMembershipOutput.SendGossip(PeerId to, GossipRpc rpc)
    {
        Count(rpc.EncodedSize + 2);
        _network.Send(this, to, rpc);
    }

    void IMembershipOutput.Dial(PeerId peer) => _network.Dial(this, peer);

    void IMembershipOutput.Disconnect(PeerId peer) => _network.Disconnect(this, peer);

    void IMembershipOutput.Changed(SwarmEventKind kind, SwarmMember member)
    {
        if (_network.KeepsEvents)
        {
            Events.Add((_network.Now, kind, member.Id));
        }
    }

    void IMembershipOutput.Refused(PeerId from, string code, string reason) => Refusals[code] = Refusals.GetValueOrDefault(code) + 1;

    private MembershipMachine CreateMachine() => new(
        Id,
        _codec,
        _network.Options.Membership,
        () => SimulatedNetwork.Epoch + _network.Now + Skew,
        Compose,
        HashCode(_network.Options.Seed, Index, Life),
        this);

    private static int HashCode(int seed, int index, int life) => (int)LedgerSummary.Mix(((ulong)(uint)seed << 32) + ((ulong)(uint)index << 8) + (ulong)(uint)life);
}
