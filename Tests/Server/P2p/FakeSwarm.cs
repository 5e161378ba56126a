using ManagedSwarm.Transport.Discovery;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Tests.Server.P2p;

/// <summary>A swarm whose members are those that a test says; this node is the first.</summary>
internal sealed class FakeSwarm : ISwarm
{
    private readonly SwarmOptions _options;
    private readonly LocalPeer _peer;
    private readonly SemaphoreSlim _announced = new(0);
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FakeSwarm(SwarmOptions options)
    {
        _options = options;
        _peer = new LocalPeer(options.Identity, LocalPeerOptions.For(options.Token));
        Self = options.Identity.PeerId;
        Addresses = [Multiaddress.Parse($"/ip4/192.0.2.1/tcp/4001/p2p/{Self}")];
        Token = options.Token.WithBootstrap(Addresses);
    }

    public event Action<SwarmEvent>? Changed;

    /// <summary>How it was asked for.</summary>
    public SwarmOptions Options => _options;

    /// <summary>This node has left.</summary>
    public Task Left => _left.Task;

    public bool HasListeners => Changed is not null;

    public PeerId Self { get; }

    public SwarmToken Token { get; }

    /// <summary>Neither listens nor dials unless it is asked to.</summary>
    public ILocalPeer Peer => _peer;

    public IReadOnlyList<Multiaddress> Addresses { get; }

    public IReadOnlyList<AddressTrial> Trials { get; set; } = [];

    /// <summary>All but this node.</summary>
    public OtherMembers Others { get; } = new();

    public IReadOnlyList<SwarmMember> Members =>
        [new() { Id = Self, Facts = _options.Facts() with { Addresses = Addresses }, Sequence = 1, State = MemberState.Alive, IsSelf = true }, .. Others.All];

    /// <summary>Something happens to a member.</summary>
    public void Raise(SwarmEventKind kind, SwarmMember member) => Changed?.Invoke(new(kind, member, DateTimeOffset.UnixEpoch));

    public void Announce() => _announced.Release();

    /// <summary>Waits until this node's facts were announced so often since the last wait.</summary>
    public async Task AnnouncedAsync(int times)
    {
        for (var i = 0; i < times; i++)
        {
            await _announced.WaitAsync(TestContext.Current.CancellationToken);
        }
    }

    public ValueTask DisposeAsync()
    {
        _left.TrySetResult();
        return _peer.DisposeAsync();
    }
}
