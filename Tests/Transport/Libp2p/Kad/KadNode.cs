using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Kad;

namespace ManagedSwarm.Tests.Transport.Libp2p.Kad;

/// <summary>A peer on this machine that serves a DHT.</summary>
internal sealed class KadNode : IAsyncDisposable
{
    public const string Protocol = "/managedswarm/0123456789abcdef/kad/1.0.0";

    // A busy machine may need so long.
    private static readonly KadTimeouts Patient = new()
    {
        Request = TimeSpan.FromMinutes(2),
        Lookup = TimeSpan.FromMinutes(3),
        NextRequest = TimeSpan.FromMinutes(3),
        Identify = TimeSpan.FromMinutes(2),
    };

    private readonly TestPeer _peer;

    private KadNode(TestPeer peer, KadOptions options) => (_peer, Kad) = (peer, new KadService(peer.Peer, Protocol, options));

    public KadService Kad { get; }

    public LocalPeer Peer => _peer.Peer;

    public PeerId Id => _peer.Id;

    public Multiaddress Address => _peer.Address;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="options">Those of the DHT; with the real clock and no timeouts of its own, it is patient.</param>
    /// <param name="network">Those of its peer.</param>
    public static async Task<KadNode> StartAsync(KadOptions? options = null, LocalPeerOptions? network = null) =>
        new(await TestPeer.StartAsync(network), Patiently(options ?? new()));

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

    private static KadOptions Patiently(KadOptions options) =>
        options.Time == TimeProvider.System && options.Timeouts == new KadTimeouts() ? options with { Timeouts = Patient } : options;
}
