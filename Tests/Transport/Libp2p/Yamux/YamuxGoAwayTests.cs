using ManagedSwarm.Transport.Libp2p.Yamux;

namespace ManagedSwarm.Tests.Transport.Libp2p.Yamux;

/// <summary>Sessions that end.</summary>
public sealed class YamuxGoAwayTests
{
    [Fact(Timeout = YamuxEchoTests.GuardMilliseconds)]
    public async Task Says_good_bye_after_all_that_was_sent()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var peer = new RawPeer(isDialer: true);
        var stream = await peer.Connection.OpenStreamAsync(cancellationToken);
        await stream.WriteAsync(new byte[4], cancellationToken);
        await stream.CloseWriteAsync(cancellationToken);
        var closing = peer.Connection.DisposeAsync().AsTask();
        var frames = new List<FrameHeader>();
        while (await peer.ReceiveAsync() is { } frame)
        {
            frames.Add(frame);
        }

        await closing;
        await peer.Connection.DisposeAsync();
        Assert.Equal(
            [
                new FrameHeader(FrameType.WindowUpdate, FrameFlags.Syn, 1, 0),
                new FrameHeader(FrameType.Data, FrameFlags.None, 1, 4),
                new FrameHeader(FrameType.WindowUpdate, FrameFlags.Fin, 1, 0),
                new FrameHeader(FrameType.GoAway, FrameFlags.None, 0, 0),
            ],
            frames);
        Assert.True(peer.Connection.Closed.IsCompletedSuccessfully);
        Assert.Equal("session_closed", peer.Connection.CloseReason!.Code);
    }

    [Fact(Timeout = YamuxEchoTests.GuardMilliseconds)]
    public async Task Streams_go_on_after_a_normal_good_bye_until_the_last_is_over()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var peer = new RawPeer();
        await peer.OpenAsync(1);
        var stream = await peer.Connection.AcceptAsync(cancellationToken);
        await peer.SendAsync(FrameType.GoAway, FrameFlags.None, 0, (uint)GoAwayCode.Normal);
        await peer.SendDataAsync(1, new byte[6], FrameFlags.Fin);
        await peer.SettleAsync();
        await TestStreams.ThrowsAsync("session_closed", async () => await peer.Connection.OpenStreamAsync(cancellationToken));
        Assert.Null(peer.Connection.CloseReason);
        await stream!.CloseWriteAsync(cancellationToken);
        Assert.Equal(6, (await stream.ReadToEndAsync(cancellationToken)).Length);
        await peer.Connection.Closed.WaitAsync(cancellationToken);
        Assert.Contains("the other side has left", peer.Connection.CloseReason!.Message, StringComparison.Ordinal);
    }

    [Theory(Timeout = YamuxEchoTests.GuardMilliseconds)]
    [InlineData(0u, "the other side has left")]
    [InlineData(1u, "code 1")]
    [InlineData(77u, "code 77")]
    public async Task A_good_bye_ends_an_idle_session(uint code, string part)
    {
        await using var peer = new RawPeer();
        await peer.SendAsync(FrameType.GoAway, FrameFlags.None, 0, code);
        await peer.Connection.Closed.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal("session_closed", peer.Connection.CloseReason!.Code);
        Assert.Contains(part, peer.Connection.CloseReason.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = YamuxEchoTests.GuardMilliseconds)]
    public async Task The_end_wakes_everybody_who_waits()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var pair = new ConnectionPair(new YamuxOptions { MaxUnacknowledged = 1 });
        var (near, _) = await pair.OpenAsync(cancellationToken);
        var (_, far) = await pair.OpenAsync(cancellationToken);
        var unaccepted = await pair.Dialer.OpenStreamAsync(cancellationToken);
        var accepting = pair.Dialer.AcceptAsync(cancellationToken).AsTask();
        var waits = new[]
        {
            near.ReadAsync(new byte[1], cancellationToken).AsTask(),
            far.ReadAsync(new byte[1], cancellationToken).AsTask(),
            near.WriteAsync(new byte[YamuxOptions.InitialWindow + 1], cancellationToken).AsTask(),
            unaccepted.ReadAsync(new byte[1], cancellationToken).AsTask(),
        };
        var openings = Enumerable.Range(0, 3).Select(_ => pair.Dialer.OpenStreamAsync(cancellationToken).AsTask()).ToArray();
        await pair.Listener.DisposeAsync();
        Assert.Null(await accepting);
        foreach (var wait in waits)
        {
            await TestStreams.ThrowsAsync("stream_reset", () => wait);
        }

        foreach (var opening in openings)
        {
            await TestStreams.ThrowsAsync("session_closed", () => opening);
        }

        await TestStreams.ThrowsAsync("stream_reset", async () => await near.WriteAsync(new byte[1], cancellationToken));
        await TestStreams.ThrowsAsync("session_closed", async () => await pair.Dialer.OpenStreamAsync(cancellationToken));
        Assert.Null(await pair.Listener.AcceptAsync(cancellationToken));
    }

    [Fact(Timeout = YamuxEchoTests.GuardMilliseconds)]
    public async Task A_lost_connection_ends_writing_too()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var (near, far) = MemoryChannel.CreatePair(capacity: 1000);
        await using var connection = new YamuxConnection(near, isDialer: true, RawPeer.Quiet);
        var stream = await connection.OpenStreamAsync(cancellationToken);
        var writing = stream.WriteAsync(new byte[100_000], cancellationToken).AsTask();
        await far.DisposeAsync();
        await TestStreams.ThrowsAsync("stream_reset", () => writing);
        await connection.Closed.WaitAsync(cancellationToken);
        Assert.True(near.IsDisposed);
    }

    [Fact(Timeout = YamuxEchoTests.GuardMilliseconds)]
    public async Task Closes_although_the_other_side_reads_nothing()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var time = new FakeTime();
        var options = RawPeer.Quiet with { CloseTimeout = TimeSpan.FromSeconds(5) };
        await using var peer = new RawPeer(options, isDialer: true, time, capacity: 1000);
        var stream = await peer.Connection.OpenStreamAsync(cancellationToken);
        var writing = stream.WriteAsync(new byte[100_000], cancellationToken).AsTask();
        var closing = peer.Connection.DisposeAsync().AsTask();
        await TestStreams.ThrowsAsync("stream_reset", async () => await stream.ReadAsync(new byte[1], cancellationToken));
        while (!closing.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await TestStreams.ThrowsAsync("stream_reset", () => writing);
        Assert.InRange(time.GetTimestamp(), TimeSpan.FromSeconds(5).Ticks, long.MaxValue);
    }
}
