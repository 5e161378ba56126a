using ManagedSwarm.Transport.Libp2p.Yamux;

namespace ManagedSwarm.Tests.Transport.Libp2p.Yamux;

public sealed class KeepAliveTests
{
    private static readonly YamuxOptions Options = new()
    {
        KeepAliveInterval = TimeSpan.FromSeconds(30),
        KeepAliveTimeout = TimeSpan.FromSeconds(10),
        FirstPings = 1,
    };

    [Fact(Timeout = YamuxEchoTests.GuardMilliseconds)]
    public async Task Pings_at_once_and_a_while_after_each_answer()
    {
        var time = new FakeTime();
        await using var peer = new RawPeer(Options, time: time);
        for (uint value = 1; value < 5; value++)
        {
            Assert.Equal(new FrameHeader(FrameType.Ping, FrameFlags.Syn, 0, value), await peer.ReceiveAsync());
            time.Advance(TimeSpan.FromSeconds(9));
            await peer.SendAsync(FrameType.Ping, FrameFlags.Ack, 0, value);
            await peer.SettleAsync();
            Assert.Equal(TimeSpan.FromSeconds(9), peer.Connection.RoundTrip);
            time.Advance(TimeSpan.FromSeconds(29.9));
            var early = new List<FrameHeader>();
            await peer.SettleAsync(early);
            Assert.Empty(early);
            time.Advance(TimeSpan.FromSeconds(0.1));
        }
    }

    [Fact(Timeout = YamuxEchoTests.GuardMilliseconds)]
    public async Task The_first_pings_follow_each_other_and_the_shortest_counts()
    {
        var time = new FakeTime();
        await using var peer = new RawPeer(Options with { FirstPings = 4 }, time: time);
        (int Took, int Shortest)[] answers = [(50, 50), (7, 7), (3, 3), (20, 3)];
        for (var i = 0; i < answers.Length; i++)
        {
            var value = (uint)i + 1;
            Assert.Equal(new FrameHeader(FrameType.Ping, FrameFlags.Syn, 0, value), await peer.ReceiveAsync());
            time.Advance(TimeSpan.FromMilliseconds(answers[i].Took));
            await peer.SendAsync(FrameType.Ping, FrameFlags.Ack, 0, value);
        }

        var early = new List<FrameHeader>();
        await peer.SettleAsync(early);
        Assert.Empty(early);
        Assert.Equal(TimeSpan.FromMilliseconds(answers[^1].Shortest), peer.Connection.RoundTrip);
        time.Advance(Options.KeepAliveInterval);
        Assert.Equal(new FrameHeader(FrameType.Ping, FrameFlags.Syn, 0, 5), await peer.ReceiveAsync());
    }

    [Fact(Timeout = YamuxEchoTests.GuardMilliseconds)]
    public async Task Answers_a_ping_with_its_value()
    {
        await using var peer = new RawPeer();
        foreach (var value in (uint[])[0, 1, uint.MaxValue])
        {
            await peer.SendAsync(FrameType.Ping, FrameFlags.Syn, 0, value);
            Assert.Equal(new FrameHeader(FrameType.Ping, FrameFlags.Ack, 0, value), await peer.ReceiveAsync());
        }
    }

    [Fact(Timeout = YamuxEchoTests.GuardMilliseconds)]
    public async Task Ends_the_session_when_no_answer_comes()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var time = new FakeTime();
        await using var peer = new RawPeer(Options, isDialer: true, time);
        var stream = await peer.Connection.OpenStreamAsync(cancellationToken);
        var reading = stream.ReadAsync(new byte[1], cancellationToken).AsTask();
        time.Advance(TimeSpan.FromSeconds(9.9));
        await peer.SettleAsync();
        Assert.Null(peer.Connection.CloseReason);
        time.Advance(TimeSpan.FromSeconds(0.1));
        await peer.Connection.Closed.WaitAsync(cancellationToken);
        Assert.Equal("keep_alive_timeout", peer.Connection.CloseReason!.Code);
        await TestStreams.ThrowsAsync("stream_reset", () => reading);
    }

    [Fact(Timeout = YamuxEchoTests.GuardMilliseconds)]
    public async Task Ends_the_session_when_the_ping_cannot_even_be_sent()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var time = new FakeTime();
        await using var peer = new RawPeer(Options, isDialer: true, time, capacity: 1000);
        var stream = await peer.Connection.OpenStreamAsync(cancellationToken);
        var writing = stream.WriteAsync(new byte[100_000], cancellationToken).AsTask();
        time.Advance(TimeSpan.FromSeconds(10));
        await TestStreams.ThrowsAsync("stream_reset", () => writing);
        await peer.Connection.Closed.WaitAsync(cancellationToken);
        Assert.Equal("keep_alive_timeout", peer.Connection.CloseReason!.Code);
    }

    [Theory(Timeout = YamuxEchoTests.GuardMilliseconds)]
    [InlineData(2u)]
    [InlineData(0u)]
    public async Task Ends_the_session_on_an_answer_of_another_value(uint value)
    {
        await using var peer = new RawPeer(Options, time: new FakeTime());
        await peer.SendAsync(FrameType.Ping, FrameFlags.Ack, 0, value);
        await peer.ExpectViolationAsync($"the value of an answered ping is {value}");
    }
}
