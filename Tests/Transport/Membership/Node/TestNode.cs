using System.Threading.Channels;
using ManagedSwarm.Tests.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Membership.Node;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Tests.Transport.Membership.Node;

/// <summary>A member on this machine's loopback interface. Its disposal leaves the swarm.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Identity? _own;
    private readonly Channel<SwarmEvent> _events = Channel.CreateUnbounded<SwarmEvent>();

    private TestNode(ISwarm swarm, Identity? own)
    {
        (Swarm, _own) = (swarm, own);
        swarm.Changed += change => _events.Writer.TryWrite(change);
    }

    public ISwarm Swarm { get; }

    public PeerId Id => Swarm.Self;

    public Multiaddress Address => Swarm.Addresses[0];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Nothing but what is asked for finds others: no DHT, no mDNS, no folder, no file.</summary>
    /// <param name="token">The swarm's.</param>
    /// <param name="identity">Who it is; stays the caller's. Null: somebody new.</param>
    /// <param name="change">Other options.</param>
    public static async Task<TestNode> StartAsync(SwarmToken token, Identity? identity = null, Func<SwarmOptions, SwarmOptions>? change = null)
    {
        var own = identity is null ? Identity.Generate() : null;
        var options = new SwarmOptions
        {
            Token = token,
            Identity = identity ?? own!,
            Facts = () => new() { Name = "test", Version = "0.1.0", Roles = [NodeRole.Worker], Cores = 2, TotalMemory = 2 << 20, FreeMemory = 1 << 20 },
            ListenAddresses = [Multiaddress.Parse("/ip4/127.0.0.1/tcp/0")],
            UsesDht = false,
            MdnsInterfaces = [],
            Timeouts = TestPeer.Patient,
        };
        return new(await SwarmNode.StartAsync(change?.Invoke(options) ?? options, Cancellation), own);
    }

    /// <summary>This node as another sees it; null: it does not.</summary>
    public SwarmMember? SeenBy(TestNode other) => other.Swarm.Members.FirstOrDefault(member => member.Id == Id);

    /// <summary>Waits until this node hears of another what is asked for.</summary>
    public async Task<SwarmEvent> HearAsync(PeerId of, params SwarmEventKind[] kinds)
    {
        using var limit = Limit();
        while (true)
        {
            var change = await _events.Reader.ReadAsync(limit.Token);
            if (change.Member.Id == of && kinds.Contains(change.Kind))
            {
                return change;
            }
        }
    }

    /// <summary>Waits until this node knows others as living.</summary>
    public async Task SeeAsync(params IReadOnlyList<TestNode> others)
    {
        using var limit = Limit();
        while (!others.All(other => other.SeenBy(this) is { State: MemberState.Alive }))
        {
            await _events.Reader.ReadAsync(limit.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Swarm.DisposeAsync();
        _own?.Dispose();
    }

    private static CancellationTokenSource Limit()
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(Patience);
        return limit;
    }
}
