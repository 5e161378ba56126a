using ManagedSwarm.Transport.Libp2p.Yamux;

namespace ManagedSwarm.Tests.Transport.Libp2p.Yamux;

/// <summary>Streams that end: in one direction, in both, or by force.</summary>
public sealed class YamuxCloseTests
{
    [Fact(Timeout = YamuxEchoTests.GuardMilliseconds)]
    public async Task Each_direction_is_closed_on_its_own()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var pair = new ConnectionPair();
        var (near, far) = await pair.OpenAsync(cancellationToken);
        await near.WriteAsync(new byte[3], cancellationToken);
        await near.CloseWriteAsync(cancellationToken);
        await near.CloseWriteAsync(cancellationToken);
        Assert.Equal(new byte[3], await far.ReadToEndAsync(cancellationToken));
        Assert.Equal(0, await far.ReadAsync(new byte[1], cancellationToken));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await near.WriteAsync(new byte[1], cancellationToken));

        await far.WriteAsync(new byte[5], cancellationToken);
        Assert.Equal(5, await near.ReadAsync(new byte[9], cancellationToken));
        await far.CloseWriteAsync(cancellationToken);
        Assert.Empty(await near.ReadToEndAsync(cancellationToken));
        await TestPeer.UntilAsync(() => (pair.Dialer.StreamCount, pair.Listener.StreamCount) == (0, 0));
    }

    [Fact(Timeout = YamuxEchoTests.GuardMilliseconds)]
    public async Task A_reset_wakes_readers_and_writers_on_both_sides()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var pair = new ConnectionPair();
        var (near, far) = await pair.OpenAsync(cancellationToken);
        var (unread, farWriter) = await pair.OpenAsync(cancellationToken);
        var waits = new[]
        {
            near.ReadAsync(new byte[1], cancellationToken).AsTask(),
            near.WriteAsync(new byte[YamuxOptions.InitialWindow + 1], cancellationToken).AsTask(),
            farWriter.ReadAsync(new byte[1], cancellationToken).AsTask(),
            farWriter.WriteAsync(new byte[YamuxOptions.InitialWindow + 1], cancellationToken).AsTask(),
        };
        near.Reset();
        unread.Reset();
        foreach (var wait in waits)
        {
            await TestStreams.ThrowsAsync("stream_reset", () => wait);
        }

        var error = await TestStreams.ThrowsAsync("stream_reset", () => DrainAsync(far, cancellationToken));
        Assert.Contains("by the other side", error.Message, StringComparison.Ordinal);
    }

    [Theory(Timeout = YamuxEchoTests.GuardMilliseconds)]
    [InlineData("fresh")]
    [InlineData("written")]
    [InlineData("read half")]
    [InlineData("near closed")]
    [InlineData("far closed")]
    [InlineData("both closed")]
    [InlineData("reset there")]
    [InlineData("reset here")]
    [InlineData("disposed")]
    [InlineData("session closed")]
    public async Task A_reset_leaves_nothing_in_any_state(string state)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var pair = new ConnectionPair();
        var (near, far) = await pair.OpenAsync(cancellationToken);
        await BringToAsync(state, pair, near, far, cancellationToken);
        near.Reset();
        near.Reset();
        await TestStreams.ThrowsAsync("stream_reset", async () => await near.ReadAsync(new byte[1], cancellationToken));
        await near.CloseWriteAsync(cancellationToken);
        await near.DisposeAsync();

        // The frame that resets it may still be on its way out, and what came last from the other side be at work.
        await TestPeer.UntilAsync(() => (pair.Dialer.StreamCount, pair.Dialer.Buffers.Count) == (0, 0));
        await far.DisposeAsync();
        await RequireAliveAsync(pair, state == "session closed", cancellationToken);
    }

    [Fact(Timeout = YamuxEchoTests.GuardMilliseconds)]
    public async Task What_was_sent_and_closed_outlives_the_senders_dispose()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var pair = new ConnectionPair();
        var near = await pair.Dialer.OpenStreamAsync(cancellationToken);
        var sent = TestStreams.RandomBytes(100_000, 1);
        await near.WriteAsync(sent, cancellationToken);
        await near.CloseWriteAsync(cancellationToken);
        await near.DisposeAsync();
        await pair.Dialer.OpenStreamAsync(cancellationToken);
        var far = await pair.Listener.AcceptAsync(cancellationToken);
        await pair.Listener.AcceptAsync(cancellationToken);
        Assert.Equal(sent, await far!.ReadToEndAsync(cancellationToken));
        await TestStreams.ThrowsAsync("stream_reset", async () => await far!.WriteAsync(new byte[1], cancellationToken));
    }

    [Fact(Timeout = YamuxEchoTests.GuardMilliseconds)]
    public async Task What_has_come_can_be_read_after_the_session_is_closed()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var pair = new ConnectionPair();
        var (near, far) = await pair.OpenAsync(cancellationToken);
        var (open, farOpen) = await pair.OpenAsync(cancellationToken);
        await open.WriteAsync(new byte[7], cancellationToken);
        await near.WriteAsync(new byte[9], cancellationToken);
        await near.CloseWriteAsync(cancellationToken);
        await pair.Dialer.DisposeAsync();
        await pair.Listener.Closed.WaitAsync(cancellationToken);
        Assert.Equal(9, (await far.ReadToEndAsync(cancellationToken)).Length);
        Assert.Equal(7, await farOpen.ReadAsync(new byte[9], cancellationToken));
        await TestStreams.ThrowsAsync("stream_reset", async () => await farOpen.ReadAsync(new byte[9], cancellationToken));
    }

    [Fact(Timeout = YamuxEchoTests.GuardMilliseconds)]
    public async Task Data_that_is_under_way_to_a_reset_stream_is_dropped()
    {
        await using var peer = new RawPeer();
        await peer.OpenAsync(1);
        var stream = await peer.Connection.AcceptAsync(TestContext.Current.CancellationToken);
        stream!.Reset();
        await peer.SendDataAsync(1, new byte[YamuxOptions.InitialWindow / 2]);
        await peer.SendDataAsync(1, new byte[YamuxOptions.InitialWindow / 2], FrameFlags.Fin);
        await peer.SendAsync(FrameType.WindowUpdate, FrameFlags.None, 1, 1000);
        await peer.SendAsync(FrameType.WindowUpdate, FrameFlags.Rst, 1, 0);
        await peer.SettleAsync();
        Assert.Null(peer.Connection.CloseReason);
        await peer.SendDataAsync(1, new byte[1]);
        await peer.ExpectViolationAsync("the data for streams that are over is 1; allowed: 0 bytes");
    }

    [Fact(Timeout = YamuxEchoTests.GuardMilliseconds)]
    public async Task A_cancelled_read_takes_no_byte()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var pair = new ConnectionPair();
        var (near, far) = await pair.OpenAsync(cancellationToken);
        for (byte round = 0; round < 100; round++)
        {
            using var cancel = new CancellationTokenSource();
            var reading = far.ReadAsync(new byte[1], cancel.Token).AsTask();
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
            await near.WriteAsync(new[] { round }, cancellationToken);
            var buffer = new byte[2];
            Assert.Equal(1, await far.ReadAsync(buffer, cancellationToken));
            Assert.Equal(round, buffer[0]);
        }
    }

    [Fact(Timeout = YamuxEchoTests.GuardMilliseconds)]
    public async Task A_stream_has_one_reader_and_one_writer()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var pair = new ConnectionPair();
        var (near, _) = await pair.OpenAsync(cancellationToken);
        var reading = near.ReadAsync(new byte[1], cancellationToken).AsTask();
        var writing = near.WriteAsync(new byte[YamuxOptions.InitialWindow + 1], cancellationToken).AsTask();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await near.ReadAsync(new byte[1], cancellationToken));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await near.WriteAsync(new byte[1], cancellationToken));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await near.CloseWriteAsync(cancellationToken));
        near.Reset();
        await TestStreams.ThrowsAsync("stream_reset", () => reading);
        await TestStreams.ThrowsAsync("stream_reset", () => writing);
    }

    private static async Task DrainAsync(YamuxStream stream, CancellationToken cancellationToken) =>
        await stream.ReadToEndAsync(cancellationToken);

    private static async Task BringToAsync(
        string state, ConnectionPair pair, YamuxStream near, YamuxStream far, CancellationToken cancellationToken)
    {
        await near.WriteAsync(new byte[state == "fresh" ? 0 : 5000], cancellationToken);
        await far.WriteAsync(new byte[state == "fresh" ? 0 : 5000], cancellationToken);
        switch (state)
        {
            case "read half":
                await near.ReadExactlyAsync(new byte[2500], cancellationToken);
                break;
            case "near closed":
                await near.CloseWriteAsync(cancellationToken);
                await far.ReadToEndAsync(cancellationToken);
                break;
            case "far closed":
                await far.CloseWriteAsync(cancellationToken);
                break;
            case "both closed":
                await far.CloseWriteAsync(cancellationToken);
                await near.CloseWriteAsync(cancellationToken);
                break;
            case "reset there":
                far.Reset();
                break;
            case "reset here":
                near.Reset();
                break;
            case "disposed":
                await near.DisposeAsync();
                break;
            case "session closed":
                await pair.Listener.DisposeAsync();
                break;
        }
    }

    private static async Task RequireAliveAsync(ConnectionPair pair, bool isClosed, CancellationToken cancellationToken)
    {
        if (!isClosed)
        {
            var (near, far) = await pair.OpenAsync(cancellationToken);
            await near.WriteAsync(new byte[1], cancellationToken);
            Assert.Equal(1, await far.ReadAsync(new byte[2], cancellationToken));
        }
    }
}
