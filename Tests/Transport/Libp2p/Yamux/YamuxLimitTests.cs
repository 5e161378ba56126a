using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p.Yamux;

namespace ManagedSwarm.Tests.Transport.Libp2p.Yamux;

/// <summary>What another side must not do, and what it may.</summary>
public sealed class YamuxLimitTests
{
    private const int Window = YamuxOptions.InitialWindow;

    [Theory(Timeout = YamuxEchoTests.GuardMilliseconds)]
    [InlineData(0, 0, 7u, 1u, "a stream's id is 7")]
    [InlineData(0, 0, 4u, 1u, "a stream's id is 4")]
    [InlineData(1, 0, 0u, 1u, "a stream's id is 0")]
    [InlineData(1, 0, 7u, 1u, "a stream's id is 7")]
    [InlineData(1, 1, 2u, 0u, "the id of a stream that the other side opens is 2; allowed: odd")]
    [InlineData(1, 1, 0u, 0u, "the id of a stream that the other side opens is 0")]
    [InlineData(1, 1, 1u, 0u, "the id of a new stream is 1")]
    [InlineData(1, 0, 1u, uint.MaxValue, "the window of stream 1 is")]
    [InlineData(0, 0, 1u, Window + 1u, "the data of stream 1 is 262145; allowed: 262144 bytes")]
    [InlineData(0, 0, 1u, uint.MaxValue, "the data of stream 1 is 4294967295")]
    [InlineData(0, 8, 1u, uint.MaxValue, "the data of stream 1 is 4294967295")]
    [InlineData(2, 1, 1u, 0u, "the stream id of a frame for the whole connection is 1")]
    [InlineData(2, 2, 0u, 5u, "the value of an answered ping is 5")]
    [InlineData(2, 0, 0u, 5u, "the value of an answered ping is 5")]
    [InlineData(3, 0, 1u, 0u, "the stream id of a frame for the whole connection is 1")]
    public async Task Ends_the_session_on_a_frame_that_cannot_be(int type, int flags, uint stream, uint length, string part)
    {
        await using var peer = new RawPeer();
        await peer.OpenAsync(1);
        await peer.SendAsync((FrameType)type, (FrameFlags)flags, stream, length);
        await peer.ExpectViolationAsync(part);
    }

    [Fact(Timeout = YamuxEchoTests.GuardMilliseconds)]
    public async Task Ends_the_session_on_data_beyond_what_is_left_of_the_window()
    {
        await using var peer = new RawPeer();
        await peer.OpenAsync(1);
        await peer.SendDataAsync(1, new byte[Window / 2]);
        await peer.SendDataAsync(1, new byte[Window / 2]);
        await peer.SettleAsync();
        await peer.SendDataAsync(1, new byte[1]);
        await peer.ExpectViolationAsync("the data of stream 1 is 1; allowed: 0 bytes");
    }

    [Fact(Timeout = YamuxEchoTests.GuardMilliseconds)]
    public async Task Ends_the_session_on_data_after_the_end()
    {
        await using var peer = new RawPeer();
        await peer.OpenAsync(1);
        await peer.SendDataAsync(1, new byte[3], FrameFlags.Fin);
        await peer.SendDataAsync(1, [], FrameFlags.Fin);
        await peer.SettleAsync();
        Assert.Null(peer.Connection.CloseReason);
        await peer.SendDataAsync(1, new byte[1]);
        await peer.ExpectViolationAsync("the data of stream 1 after its end is 1");
    }

    [Fact(Timeout = YamuxEchoTests.GuardMilliseconds)]
    public async Task A_reset_of_a_stream_that_never_was_means_nothing()
    {
        await using var peer = new RawPeer();
        await peer.SendAsync(FrameType.WindowUpdate, FrameFlags.Rst, 9, 0);
        await peer.SettleAsync();
        Assert.Null(peer.Connection.CloseReason);
    }

    [Fact(Timeout = YamuxEchoTests.GuardMilliseconds)]
    public async Task Streams_may_be_opened_out_of_order_and_with_data()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var peer = new RawPeer();
        await peer.OpenAsync(5);
        await peer.SendDataAsync(3, new byte[4], FrameFlags.Syn | FrameFlags.Fin);
        var first = await peer.Connection.AcceptAsync(cancellationToken);
        var second = await peer.Connection.AcceptAsync(cancellationToken);
        Assert.Equal((5u, 3u), (first!.Id, second!.Id));
        Assert.Equal(4, (await second.ReadToEndAsync(cancellationToken)).Length);
    }

    [Fact(Timeout = YamuxEchoTests.GuardMilliseconds)]
    public async Task A_stream_is_acknowledged_when_it_is_accepted()
    {
        await using var peer = new RawPeer();
        await peer.OpenAsync(1);
        var early = new List<FrameHeader>();
        await peer.SettleAsync(early);
        Assert.Empty(early);
        await peer.Connection.AcceptAsync(TestContext.Current.CancellationToken);
        Assert.Equal(new FrameHeader(FrameType.WindowUpdate, FrameFlags.Ack, 1, 0), await peer.ReceiveAsync());
    }

    [Theory(Timeout = YamuxEchoTests.GuardMilliseconds)]
    [InlineData(3, 100)]
    [InlineData(100, 3)]
    public async Task One_stream_too_many_is_reset(int streams, int backlog)
    {
        var options = RawPeer.Quiet with { MaxInboundStreams = streams, AcceptBacklog = backlog };
        await using var peer = new RawPeer(options);
        for (var id = 1u; id <= 7; id += 2)
        {
            await peer.SendDataAsync(id, new byte[10], FrameFlags.Syn);
        }

        await peer.SendDataAsync(7, new byte[10]);
        var frames = new List<FrameHeader>();
        await peer.SettleAsync(frames);
        Assert.Equal([new FrameHeader(FrameType.WindowUpdate, FrameFlags.Rst, 7, 0)], frames);
        Assert.Equal(3, peer.Connection.StreamCount);
    }

    [Fact(Timeout = YamuxEchoTests.GuardMilliseconds)]
    public async Task Room_that_ended_streams_leave_is_used_again()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var peer = new RawPeer(RawPeer.Quiet with { MaxInboundStreams = 1, VainStreamBurst = 0 });
        for (var id = 1u; id < 40; id += 2)
        {
            await peer.SendDataAsync(id, [], FrameFlags.Syn | FrameFlags.Fin);
            var stream = await peer.Connection.AcceptAsync(cancellationToken);
            Assert.Equal(id, stream!.Id);
            await stream.CloseWriteAsync(cancellationToken);
        }
    }

    [Theory(Timeout = YamuxEchoTests.GuardMilliseconds)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_storm_of_new_streams_ends_the_session(bool resets)
    {
        var time = new FakeTime();
        var options = RawPeer.Quiet with { VainStreamBurst = 50, VainStreamsPerSecond = 10, AcceptBacklog = 8 };
        await using var peer = new RawPeer(options, time: time);
        var id = 1u;

        // Eight wait to be accepted, and were not in vain if they were not reset.
        await StormAsync(peer, id, resets ? 50 : 58, resets);
        await peer.SettleAsync();
        time.Advance(TimeSpan.FromSeconds(3));
        id += 2 * 58;
        await StormAsync(peer, id, 29, resets);
        await peer.SettleAsync();
        Assert.Null(peer.Connection.CloseReason);
        id += 2 * 29;
        await StormAsync(peer, id, 8, resets);
        await peer.ExpectViolationAsync("the number of streams opened in vain");
    }

    [Fact(Timeout = YamuxEchoTests.GuardMilliseconds)]
    public async Task Answers_that_nobody_reads_end_the_session()
    {
        var options = RawPeer.Quiet with { MaxQueuedControlFrames = 1000, CloseTimeout = TimeSpan.Zero };
        await using var peer = new RawPeer(options, capacity: 1024);
        await TestStreams.ThrowsAsync("connection_lost", async () =>
        {
            while (true)
            {
                await peer.SendAsync(FrameType.Ping, FrameFlags.Syn, 0, 1);
            }
        });
        Assert.Equal("protocol_violation", peer.Connection.CloseReason!.Code);
        Assert.Contains("allowed: 1000", peer.Connection.CloseReason.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = YamuxEchoTests.GuardMilliseconds)]
    public async Task Opening_waits_for_the_other_side_to_accept()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var pair = new ConnectionPair(new YamuxOptions { MaxUnacknowledged = 2 });
        await pair.Dialer.OpenStreamAsync(cancellationToken);
        await pair.Dialer.OpenStreamAsync(cancellationToken);
        var third = pair.Dialer.OpenStreamAsync(cancellationToken).AsTask();
        Assert.False(third.IsCompleted);
        using (var cancel = new CancellationTokenSource())
        {
            var fourth = pair.Dialer.OpenStreamAsync(cancel.Token).AsTask();
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fourth);
        }

        await pair.Listener.AcceptAsync(cancellationToken);
        Assert.Equal(5u, (await third).Id);
    }

    [Fact(Timeout = YamuxEchoTests.GuardMilliseconds)]
    public async Task Opens_no_more_streams_than_allowed()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var pair = new ConnectionPair(new YamuxOptions { MaxOutboundStreams = 2 });
        await pair.OpenAsync(cancellationToken);
        var (second, _) = await pair.OpenAsync(cancellationToken);
        await TestStreams.ThrowsAsync("too_many_streams", async () => await pair.Dialer.OpenStreamAsync(cancellationToken));
        second.Reset();
        await pair.Dialer.OpenStreamAsync(cancellationToken);
    }

    [Fact(Timeout = YamuxEchoTests.GuardMilliseconds)]
    public async Task Stream_ids_come_to_an_end()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var pair = new ConnectionPair(new YamuxOptions { LastStreamId = 4 });
        await pair.OpenAsync(cancellationToken);
        var (second, _) = await pair.OpenAsync(cancellationToken);
        second.Reset();
        var error = await TestStreams.ThrowsAsync("too_many_streams", async () => await pair.Dialer.OpenStreamAsync(cancellationToken));
        Assert.Contains("5; allowed are 4", error.Message, StringComparison.Ordinal);
    }

    private static async Task StormAsync(RawPeer peer, uint firstId, int count, bool resets)
    {
        try
        {
            for (var id = firstId; id < firstId + (2 * count); id += 2)
            {
                await peer.OpenAsync(id);
                if (resets)
                {
                    await peer.SendAsync(FrameType.WindowUpdate, FrameFlags.Rst, id, 0);
                }
            }
        }
        catch (SwarmException lost) when (lost.Code == "connection_lost")
        {
        }
    }
}
