using ManagedSwarm.Transport.Libp2p;
using Microsoft.Extensions.Time.Testing;

namespace ManagedSwarm.Tests.Transport.Libp2p;

/// <summary>Two peers that dial each other at once.</summary>
[Trait("Tier", "Loopback")]
public sealed class SimultaneousDialTests
{
    private static readonly TimeSpan Drain = TimeSpan.FromMilliseconds(1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ends_in_one_session_and_one_connection_on_both_sides()
    {
        var (random, time) = (new Random(5), new FakeTimeProvider());
        var options = new LocalPeerOptions
        {
            Time = time,
            Timeouts = TestPeer.Patient with { Drain = Drain },
            Yamux = new() { KeepAliveInterval = Timeout.InfiniteTimeSpan },
        };
        for (var round = 0; round < 40; round++)
        {
            await using var a = await TestPeer.StartAsync(options);
            await using var b = await TestPeer.StartAsync(options);
            var (events, gate) = (new Events(a, b), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            var dials = new[] { DialAsync(a, b, random.Next(20), gate.Task), DialAsync(b, a, random.Next(20), gate.Task) };
            gate.SetResult();
            var streams = await Task.WhenAll(dials);

            // Opened on whichever connection there was: it is not lost, also where that was the one too many.
            await Task.WhenAll(streams.Select(stream => TestPeer.EchoAsync(stream, new byte[10_000])));

            // No connection is closed before both dials are over: the other side may not know yet that there is another.
            await TestPeer.UntilAsync(() =>
            {
                time.Advance(Drain);
                return a.Peer.Connections.Count == 1 && b.Peer.Connections.Count == 1;
            });
            Assert.Equal((1, 1), (a.Peer.Sessions.Count, b.Peer.Sessions.Count));
            Assert.NotEqual(a.Peer.Connections.Single().IsDialer, b.Peer.Connections.Single().IsDialer);
            await TestPeer.EchoAsync(await a.Peer.OpenStreamAsync(b.Id, TestPeer.Echo, Cancellation), [1]);
            await TestPeer.EchoAsync(await b.Peer.OpenStreamAsync(a.Id, TestPeer.Echo, Cancellation), [2]);
            events.AssertOneSessionEach();
        }
    }

    private static async Task<IMuxStream> DialAsync(TestPeer from, TestPeer to, int yields, Task gate)
    {
        await gate;
        for (var i = 0; i < yields; i++)
        {
            await Task.Yield();
        }

        var session = await from.Peer.DialAsync(to.Address, Cancellation);
        return await session.OpenStreamAsync(TestPeer.Echo, Cancellation);
    }

    private sealed class Events
    {
        private int _connected;
        private int _disconnected;

        public Events(params TestPeer[] peers)
        {
            foreach (var peer in peers)
            {
                peer.Peer.Connected += _ => Interlocked.Increment(ref _connected);
                peer.Peer.Disconnected += (_, _) => Interlocked.Increment(ref _disconnected);
            }
        }

        public void AssertOneSessionEach() => Assert.Equal((2, 0), (_connected, _disconnected));
    }
}
