using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Kad;

namespace ManagedSwarm.Tests.Transport.Libp2p.Kad;

/// <summary>A peer on this machine that serves a DHT.</summary>
internal sealed class KadNode : IAsyncDisposable
{
    public const string Protocol = "/managedswarm/0123456789abcdef/kad/1.0.0";

    private readonly TestPeer _peer;

    private KadNode(TestPeer peer, KadOptions? options) => (_peer, Kad) = (peer, new KadService(peer.Peer, Protocol, options));

    public KadService Kad { get; }

    public LocalPeer Peer => _peer.Peer;

    public PeerId Id => _peer.Id;

    public Multiaddress Address => _peer.Address;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<KadNode> StartAsync(KadOptions? options = null, LocalPeerOptions? network = null) =>
        new(await TestPeer.StartAsync(network), options);

    /// <summary>Connects with a node, and waits until each knows that the other one serves the DHT.</summary>
    public async Task MeetAsync(KadNode other)
    {
        await Peer.DialAsync(other.Address, Cancellation);
        await Task.WhenAll(Kad.WaitForPeersAsync(Cancellation), other.Kad.WaitForPeersAsync(Cancellation));
        await TestPeer.UntilAsync(() => Kad.Knows(other.Id) && other.Kad.Knows(Id));
    }

    public async ValueTask DisposeAsync()
    {
        await Kad.DisposeAsync();
        await _peer.DisposeAsync();
    }
}
