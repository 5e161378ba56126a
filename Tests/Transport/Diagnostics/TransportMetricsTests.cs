using ManagedSwarm.Tests.Transport.Libp2p;

namespace ManagedSwarm.Tests.Transport.Diagnostics;

[Trait("Tier", "Loopback")]
public sealed class TransportMetricsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Counts_bytes_sessions_and_streams()
    {
        using var meters = new SummedMeters();
        await using var dialer = await TestPeer.StartAsync(new() { Meters = meters });
        await using var listener = await TestPeer.StartAsync();
        var session = await dialer.Peer.DialAsync(listener.Address, Cancellation);
        await TestPeer.EchoAsync(await session.OpenStreamAsync(TestPeer.Echo, Cancellation), new byte[100_000]);
        await using var open = await session.OpenStreamAsync(TestPeer.Echo, Cancellation);

        Assert.InRange(meters["managedswarm.transport.io transmit"], 100_000, 110_000);
        Assert.InRange(meters["managedswarm.transport.io receive"], 100_000, 110_000);
        Assert.Equal(1, meters["managedswarm.transport.sessions"]);
        Assert.InRange(meters["managedswarm.transport.streams"], 1, 4);
    }

    [Fact]
    public async Task A_passing_peer_counts_for_whom_it_belongs_to_and_ends_nothing()
    {
        using var meters = new SummedMeters();
        await using var node = await TestPeer.StartAsync(new() { Meters = meters });
        await using var other = await TestPeer.StartAsync();
        await using (var passing = await TestPeer.StartAsync(new() { Metrics = node.Peer.Metrics }))
        {
            var session = await passing.Peer.DialAsync(other.Address, Cancellation);
            await TestPeer.EchoAsync(await session.OpenStreamAsync(TestPeer.Echo, Cancellation), new byte[100_000]);
        }

        Assert.InRange(meters["managedswarm.transport.io receive"], 100_000, 110_000);
        var own = await node.Peer.DialAsync(other.Address, Cancellation);
        await TestPeer.EchoAsync(await own.OpenStreamAsync(TestPeer.Echo, Cancellation), new byte[100_000]);
        Assert.InRange(meters["managedswarm.transport.io receive"], 200_000, 220_000);
    }
}
