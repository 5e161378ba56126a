using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;
using Microsoft.Extensions.Time.Testing;

namespace ManagedSwarm.Tests.Transport.Libp2p;

/// <summary>Streams between two local peers.</summary>
[Trait("Tier", "Loopback")]
public sealed class SessionStreamTests : IAsyncLifetime
{
    private TestPeer _dialer = null!;
    private TestPeer _listener = null!;
    private ISession _session = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _dialer = await TestPeer.StartAsync();
        _listener = await TestPeer.StartAsync();
        _session = await _dialer.Peer.DialAsync(_listener.Address, Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _dialer.DisposeAsync();
        await _listener.DisposeAsync();
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(1_000, false)]
    [InlineData(16 << 10, true)]
    [InlineData(1 << 20, true)]
    [InlineData(16 << 20, false)]
    [InlineData(16 << 20, true)]
    public async Task Echoes_what_is_sent(int bytes, bool isHidden)
    {
        await using var dialer = await TestPeer.StartAsync(isHidden ? TestPeer.Hidden : null);
        await using var listener = await TestPeer.StartAsync(isHidden ? TestPeer.Hidden : null);
        var session = await dialer.Peer.DialAsync(listener.Address, Cancellation);
        await TestPeer.EchoAsync(await session.OpenStreamAsync(TestPeer.Echo, Cancellation), RandomBytes(bytes, bytes));
    }

    /// <summary>Lazy once the peer is identified, waiting before.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Echoes_on_two_hundred_streams_at_once(bool isIdentified)
    {
        if (isIdentified)
        {
            await _session.IdentifyAsync(Cancellation);
        }

        await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
            await TestPeer.EchoAsync(await _session.OpenStreamAsync(TestPeer.Echo, Cancellation), RandomBytes(i, 10_000 + i))));
    }

    [Fact]
    public async Task Has_a_thousand_streams_open_on_one_connection()
    {
        var streams = new List<IMuxStream>();
        for (var i = 0; i < 1_000; i++)
        {
            streams.Add(await _session.OpenStreamAsync(TestPeer.Echo, Cancellation));
            await streams[i].WriteAsync(new byte[] { (byte)i }, Cancellation);
        }

        Assert.True(Assert.Single(_dialer.Peer.Connections).StreamCount >= 1_000);
        for (var i = 0; i < 1_000; i++)
        {
            await streams[i].CloseWriteAsync(Cancellation);
            Assert.Equal((byte)i, Assert.Single(await TestPeer.ReadAllAsync(streams[i])));
            await streams[i].DisposeAsync();
        }

        await TestPeer.UntilAsync(() => Assert.Single(_dialer.Peer.Connections).StreamCount == 0);
    }

    [Fact]
    public async Task One_direction_can_end_before_the_other()
    {
        await using var listener = _listener.Peer.Listen("/half/1.0.0");
        await using var near = await _session.OpenStreamAsync("/half/1.0.0", Cancellation);
        await using var far = (await listener.AcceptAsync(Cancellation))!;
        Assert.Equal(("/half/1.0.0", _dialer.Id), (far.ProtocolId, far.RemotePeer));
        await near.CloseWriteAsync(Cancellation);
        Assert.Equal(0, await far.ReadAsync(new byte[1], Cancellation));
        await far.WriteAsync(new byte[] { 1, 2, 3 }, Cancellation);
        await far.CloseWriteAsync(Cancellation);
        var received = await TestPeer.ReadAllAsync(near);
        Assert.Equal([1, 2, 3], received);
    }

    [Fact]
    public async Task A_reset_is_an_error_to_the_other_side()
    {
        await using var listener = _listener.Peer.Listen("/reset/1.0.0");
        await using var near = await _session.OpenStreamAsync("/reset/1.0.0", Cancellation);
        await using var far = (await listener.AcceptAsync(Cancellation))!;
        var reading = near.ReadAsync(new byte[1], Cancellation).AsTask();
        far.Reset();
        Assert.Equal("stream_reset", (await Assert.ThrowsAsync<SwarmException>(() => reading)).Code);
        await TestPeer.EchoAsync(await _session.OpenStreamAsync(TestPeer.Echo, Cancellation), [1]);
    }

    [Fact]
    public async Task A_protocol_that_is_not_served_is_refused()
    {
        var exception = await Assert.ThrowsAsync<SwarmException>(() => _session.OpenStreamAsync("/nothing", Cancellation).AsTask());
        Assert.Equal("protocol_refused", exception.Code);
        await using (_listener.Peer.Listen("/nothing"))
        {
            await using var stream = await _session.OpenStreamAsync("/nothing", Cancellation);
        }

        exception = await Assert.ThrowsAsync<SwarmException>(async () =>
        {
            // It may still be taken for served: then the first read tells.
            await using var stream = await _session.OpenStreamAsync("/nothing", Cancellation);
            await stream.ReadAsync(new byte[1], Cancellation);
        });
        Assert.Equal("protocol_refused", exception.Code);
    }

    [Fact]
    public async Task Who_never_reads_holds_up_his_own_stream_only()
    {
        await using var listener = _listener.Peer.Listen("/stall/1.0.0");
        await using var stalled = await _session.OpenStreamAsync("/stall/1.0.0", Cancellation);
        await using var unread = (await listener.AcceptAsync(Cancellation))!;
        var writing = stalled.WriteAsync(new byte[64 << 20], Cancellation).AsTask();
        for (var i = 0; i < 20; i++)
        {
            await TestPeer.EchoAsync(await _session.OpenStreamAsync(TestPeer.Echo, Cancellation), RandomBytes(i, 100_000));
        }

        Assert.False(writing.IsCompleted);
        unread.Reset();
        Assert.Equal("stream_reset", (await Assert.ThrowsAsync<SwarmException>(() => writing)).Code);
    }

    [Fact]
    public async Task A_stream_without_a_proposal_is_given_up()
    {
        var time = new FakeTimeProvider();
        var options = new LocalPeerOptions { Time = time, Yamux = new() { KeepAliveInterval = Timeout.InfiniteTimeSpan } };
        await using var listener = await TestPeer.StartAsync(options);
        var session = await _dialer.Peer.DialAsync(listener.Address, Cancellation);
        await session.IdentifyAsync(Cancellation);
        await TestPeer.UntilAsync(() => listener.Peer.Sessions.Count == 1);
        await listener.Peer.Sessions.Single().IdentifyAsync(Cancellation);
        var connection = listener.Peer.Connections.Single();
        await TestPeer.UntilAsync(() => connection.StreamCount == 0);

        // Lazy, so nothing was proposed yet.
        await using var stream = await session.OpenStreamAsync(TestPeer.Echo, Cancellation);
        await TestPeer.UntilAsync(() => connection.StreamCount == 1);
        var start = time.GetTimestamp();
        await TestPeer.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(0.1));
            return connection.StreamCount == 0;
        });
        Assert.True(time.GetElapsedTime(start) >= options.Timeouts.Negotiation);
    }

    private static byte[] RandomBytes(int seed, int count)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
