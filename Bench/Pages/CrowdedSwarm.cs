using ManagedSwarm.Transport.Discovery;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Bench.Pages;

/// <summary>A swarm of many nodes that are not there, whose records change when they are told to. This node is the first.</summary>
internal sealed class CrowdedSwarm : ISwarm
{
    private const int Layers = 80;

    private readonly SwarmOptions _options;
    private readonly LocalPeer _peer;
    private readonly Lock _gate = new();
    private readonly SwarmMember[] _others;
    private readonly Random _random = new(1);

    public CrowdedSwarm(SwarmOptions options, int others)
    {
        _options = options;
        _peer = new LocalPeer(options.Identity, LocalPeerOptions.For(options.Token));
        Self = options.Identity.PeerId;
        Token = options.Token;
        _others = [.. Enumerable.Range(0, others).Select(index => Create(index, others))];
    }

    public event Action<SwarmEvent>? Changed;

    public PeerId Self { get; }

    public SwarmToken Token { get; }

    public ILocalPeer Peer => _peer;

    public IReadOnlyList<Multiaddress> Addresses => [];

    public IReadOnlyList<AddressTrial> Trials => [];

    public IReadOnlyList<SwarmMember> Members
    {
        get
        {
            lock (_gate)
            {
                return [new() { Id = Self, Facts = _options.Facts(), Sequence = 1, State = MemberState.Alive, IsSelf = true }, .. _others];
            }
        }
    }

    /// <summary>One of the nodes has another load, memory, speed and round trip.</summary>
    public void Update(int index)
    {
        SwarmMember member;
        lock (_gate)
        {
            var before = _others[index];
            member = _others[index] = before with
            {
                Sequence = before.Sequence + 1,
                RoundTrip = TimeSpan.FromMilliseconds(_random.NextDouble() * 20),
                Facts = before.Facts with
                {
                    FreeMemory = _random.NextInt64(before.Facts.TotalMemory),
                    Load = new(_random.Next(8), _random.Next(8)) { TokensPerSecond = _random.Next(1, 200) },
                },
            };
        }

        Changed?.Invoke(new(SwarmEventKind.Updated, member, DateTimeOffset.UtcNow));
    }

    public void Announce()
    {
        // Nobody is there to hear it.
    }

    public ValueTask DisposeAsync() => _peer.DisposeAsync();

    private static SwarmMember Create(int index, int count)
    {
        using var identity = Identity.Generate();
        var (first, end) = (index * Layers / count, (index + 1) * Layers / count);
        return new()
        {
            Id = identity.PeerId,
            Sequence = 1,
            State = MemberState.Alive,
            IsConnected = true,
            RoundTrip = TimeSpan.FromMilliseconds(1),
            Facts = new()
            {
                Name = $"node-{index}",
                Version = "0.1.0",
                Roles = [NodeRole.Worker],
                Cores = 8,
                TotalMemory = 16L << 30,
                FreeMemory = 8L << 30,
                Layers = end > first ? [new(new string('a', 64), first, end)] : [],
            },
        };
    }
}
