using ManagedSwarm.Transport.Libp2p.Yamux;

namespace ManagedSwarm.Tests.Transport.Libp2p.Yamux;

/// <summary>Windows: how they are given back, how they grow, and what a full one holds up.</summary>
public sealed class WindowTests
{
    private const int Initial = YamuxOptions.InitialWindow;
    private const int Maximum = 4 * Initial;

    private static readonly TimeSpan RoundTrip = TimeSpan.FromMilliseconds(10);

    [Fact]
    public void Is_given_back_when_half_of_it_is_read()
    {
        var window = new ReceiveWindow(new FakeTime(), new WindowBudget(0), Maximum);
        Assert.True(window.TryReceive(Initial));
        Assert.False(window.TryReceive(1));
        Assert.Equal(0, window.Take((Initial / 2) - 1, RoundTrip));
        Assert.Equal(Initial / 2, window.Take(1, RoundTrip));
        Assert.Equal(Initial / 2, window.Left);
        Assert.False(window.TryReceive(uint.MaxValue));
    }

    [Fact]
    public void Doubles_while_it_is_used_up_within_few_round_trips()
    {
        var (time, budget) = (new FakeTime(), new WindowBudget(1L << 40));
        var window = new ReceiveWindow(time, budget, Maximum);
        var sizes = new List<int>();
        for (var round = 0; round < 4; round++)
        {
            time.Advance(RoundTrip);
            Assert.True(window.TryReceive((uint)window.Size / 2));
            var (half, before) = (window.Size / 2, window.Size);
            Assert.Equal(half + (window.Size - before), window.Take(half, RoundTrip) - (window.Size - before));
            sizes.Add(window.Size);
        }

        Assert.Equal([2 * Initial, 4 * Initial, 4 * Initial, 4 * Initial], sizes);
        Assert.Equal(window.Size, window.Left);
        Assert.Equal((1L << 40) - Maximum + Initial, budget.Left);
        window.Release();
        Assert.Equal(1L << 40, budget.Left);
    }

    [Fact]
    public void Stays_where_the_reader_is_behind_and_then_takes_all_at_once()
    {
        var time = new FakeTime();
        var window = new ReceiveWindow(time, new WindowBudget(1L << 40), Maximum);
        for (var round = 0; round < 4; round++)
        {
            Assert.True(window.TryReceive((uint)window.Left));
            time.Advance(RoundTrip);
            Assert.Equal(Initial / 2, window.Take(Initial / 2, RoundTrip));
            time.Advance(RoundTrip);
            Assert.Equal(Initial / 2, window.Take(Initial / 2, RoundTrip));
        }

        Assert.Equal(Initial, window.Size);
    }

    [Fact]
    public void Grows_to_a_few_round_trips_worth_of_data_and_no_further()
    {
        // Half of the first window comes in a round trip, whatever the window.
        var time = new FakeTime();
        var window = new ReceiveWindow(time, new WindowBudget(1L << 40), 16 * Initial);
        for (var round = 0; round < 100; round++)
        {
            time.Advance(RoundTrip / 4);
            Assert.True(window.TryReceive(Initial / 8));
            window.Take(Initial / 8, RoundTrip);
        }

        Assert.Equal(2 * Initial, window.Size);
    }

    [Theory]
    [InlineData(20, 10, 1 << 30)]
    [InlineData(10, 0, 1 << 30)]
    [InlineData(10, 10, Initial - 1)]
    [InlineData(9, 10, 1 << 30)]
    public void Stays_where_the_other_side_is_slow_the_round_trip_unknown_or_not_over_or_the_budget_spent(int elapsed, int roundTrip, int budget)
    {
        var time = new FakeTime();
        var shared = new WindowBudget(budget);
        var window = new ReceiveWindow(time, shared, Maximum);
        time.Advance(TimeSpan.FromMilliseconds(elapsed));
        Assert.True(window.TryReceive(Initial / 2));
        Assert.Equal(Initial / 2, window.Take(Initial / 2, TimeSpan.FromMilliseconds(roundTrip)));
        Assert.Equal((Initial, (long)budget), (window.Size, shared.Left));
    }

    [Fact(Timeout = YamuxEchoTests.GuardMilliseconds)]
    public async Task A_connection_measures_the_round_trip_and_lets_a_window_grow()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var time = new FakeTime();
        await using var peer = new RawPeer(new YamuxOptions { FirstPings = 1 }, time: time);
        Assert.Equal(FrameType.Ping, (await peer.ReceiveAsync())!.Value.Type);
        time.Advance(RoundTrip);
        await peer.SendAsync(FrameType.Ping, FrameFlags.Ack, 0, 1);
        await peer.OpenAsync(1);
        var stream = await peer.Connection.AcceptAsync(cancellationToken);
        Assert.Equal(FrameFlags.Ack, (await peer.ReceiveAsync())!.Value.Flags);
        var reading = stream!.ReadExactlyAsync(new byte[Initial / 2], cancellationToken).AsTask();
        time.Advance(RoundTrip);
        await peer.SendDataAsync(1, new byte[Initial / 2]);
        await reading;
        Assert.Equal(new FrameHeader(FrameType.WindowUpdate, FrameFlags.None, 1, Initial + (Initial / 2)), await peer.ReceiveAsync());
        Assert.Equal(2 * Initial, stream!.ReceiveWindow);
    }

    [Fact(Timeout = YamuxEchoTests.GuardMilliseconds)]
    public async Task A_reader_that_takes_nothing_stalls_its_own_stream_only()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var pair = new ConnectionPair();
        var (stalled, unread) = await pair.OpenAsync(cancellationToken);
        var sent = TestStreams.RandomBytes(Initial + 1, 1);
        var stalling = stalled.WriteAsync(sent, cancellationToken).AsTask();
        for (var round = 0; round < 20; round++)
        {
            var (near, far) = await pair.OpenAsync(cancellationToken);
            var echo = far.EchoAsync(cancellationToken);
            var message = TestStreams.RandomBytes(Initial, round);
            var reading = near.ReadToEndAsync(cancellationToken);
            await near.WriteAsync(message, cancellationToken);
            await near.CloseWriteAsync(cancellationToken);
            Assert.Equal(message, await reading);
            await echo;
        }

        Assert.False(stalling.IsCompleted);
        var received = new byte[sent.Length];
        await unread.ReadExactlyAsync(received, cancellationToken);
        await stalling;
        Assert.Equal(sent, received);
    }

    [Fact(Timeout = YamuxEchoTests.GuardMilliseconds)]
    public async Task A_sender_uses_the_window_to_its_last_byte_and_no_more()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var peer = new RawPeer(isDialer: true);
        var stream = await peer.Connection.OpenStreamAsync(cancellationToken);
        var writing = stream.WriteAsync(new byte[Initial + 10], cancellationToken).AsTask();
        Assert.Equal(Initial, await peer.ReceiveDataAsync(Initial));
        await peer.SettleAsync();
        Assert.False(writing.IsCompleted);
        await peer.SendAsync(FrameType.WindowUpdate, FrameFlags.Ack, 1, 3);
        Assert.Equal(3, await peer.ReceiveDataAsync(3));
        await peer.SendAsync(FrameType.WindowUpdate, FrameFlags.None, 1, 100);
        Assert.Equal(7, await peer.ReceiveDataAsync(7));
        await writing;
    }
}
