using ManagedSwarm.Transport.Discovery;
using ManagedSwarm.Transport.Discovery.Mdns;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Tests.Transport.Discovery.Mdns;

/// <summary>A discovery that runs until it is disposed, and what it has found.</summary>
internal sealed class RunningMdns : IAsyncDisposable
{
    private readonly MdnsDiscovery _discovery;
    private readonly Task _running;
    private readonly Lock _gate = new();
    private readonly List<DiscoveredPeer> _found = [];
    private readonly List<(PeerId Id, TaskCompletionSource<DiscoveredPeer> Result)> _waiting = [];

    /// <summary>On loopback, at 127.0.0.1.</summary>
    public RunningMdns(SwarmToken token, int number)
        : this(
            token,
            number,
            Multiaddress.Parse($"/ip4/127.0.0.1/tcp/{1000 + number}"),
            new() { Interfaces = [MdnsLoopbackTests.Loopback().Name] },
            new MdnsNetwork())
    {
    }

    public RunningMdns(SwarmToken token, int number, Multiaddress address, MdnsOptions options, IMdnsNetwork network)
    {
        Id = TestMdns.Peer(number);
        Address = address.WithPeerId(Id);
        _discovery = new(new SwarmKeys(token), Id, () => [address], options, network);
        _running = _discovery.RunAsync(Add, CancellationToken.None);
    }

    public PeerId Id { get; }

    public Multiaddress Address { get; }

    /// <summary>Whom it has found.</summary>
    public IReadOnlyList<PeerId> FoundIds
    {
        get
        {
            lock (_gate)
            {
                return [.. _found.Select(peer => peer.Id!).Distinct()];
            }
        }
    }

    /// <summary>Waits until it has found a peer.</summary>
    public Task<DiscoveredPeer> FindAsync(PeerId peer, TimeSpan timeout)
    {
        var result = new TaskCompletionSource<DiscoveredPeer>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_found.Find(each => each.Id == peer) is { } found)
            {
                return Task.FromResult(found);
            }

            _waiting.Add((peer, result));
        }

        return result.Task.WaitAsync(timeout, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _discovery.DisposeAsync();
        await _running;
    }

    private void Add(DiscoveredPeer peer)
    {
        lock (_gate)
        {
            _found.Add(peer);
            _waiting.FindAll(waiter => waiter.Id == peer.Id).ForEach(waiter => waiter.Result.TrySetResult(peer));
        }
    }
}
