using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Messages;
using Microsoft.Extensions.Time.Testing;

namespace ManagedSwarm.Tests.Transport.Libp2p.Messages;

/// <summary>Messages between peers on this machine.</summary>
[Trait("Tier", "Loopback")]
public sealed class PeerMessageStreamsTests
{
    // TransportLog's.
    private const int Dropped = 3040;
    private const int Broken = 3041;
    private const int Ended = 3042;
    private const int Invalid = 3043;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Messages_come_in_order_both_ways(bool isPrefix)
    {
        IMessageFraming framing = isPrefix ? PrefixFraming.Instance : VarintFraming.Instance;
        await using var one = await MessagePeer.StartAsync(options => options with { Framing = framing, MaxQueuedMessages = 10_000 });
        await using var other = await MessagePeer.StartAsync(options => options with { Framing = framing, MaxQueuedMessages = 10_000 });
        await ConnectAsync(one, other);
        var texts = Enumerable.Range(0, 2_000).Select(i => new string((char)('a' + i % 26), i % 50 == 0 ? 100_000 : i)).ToList();
        foreach (var text in texts)
        {
            Assert.True(one.Send(other.Id, text) || text.Length == 100_000);
            await TestPeer.UntilAsync(() => one.Streams.QueuedFor(other.Id) < 30);
        }

        Assert.True(other.Send(one.Id, "back"));
        await one.HearsAsync("opened", "back");
        await other.HearsAsync(["opened", .. texts]);
    }

    [Fact]
    public async Task A_peer_that_was_connected_before_is_served_too()
    {
        await using var other = await MessagePeer.StartAsync();
        await using var peer = await TestPeer.StartAsync();
        await peer.Peer.DialAsync(other.Address, Cancellation);
        var recorder = new HeardOf();
        await using var late = new PeerMessageStreams(
            peer.Peer, new() { ProtocolIds = [MessagePeer.Protocol], Framing = VarintFraming.Instance }, recorder);
        await other.UntilAsync(heard => heard.Contains("opened"));
        late.Send(other.Id, new byte[] { (byte)'x' });
        await other.HearsAsync("opened", "x");
    }

    [Fact]
    public async Task A_session_ends_before_the_next_one_with_the_same_peer_begins()
    {
        await using var one = await MessagePeer.StartAsync();
        await using var other = await MessagePeer.StartAsync();
        for (var i = 1; i <= 5; i++)
        {
            var session = await ConnectAsync(one, other);
            await other.UntilAsync(heard => heard.Count == (2 * i) - 1);
            Assert.True(other.Send(one.Id, "hello"));
            await one.UntilAsync(heard => heard.Count == (3 * i) - 1);
            await session.DisposeAsync();
            await one.UntilAsync(heard => heard.Count == 3 * i);
            await other.UntilAsync(heard => heard.Count == 2 * i);
        }

        Assert.Equal(Enumerable.Repeat(new[] { "opened", "hello", "ended" }, 5).SelectMany(texts => texts), one.Heard);
        await TestPeer.UntilAsync(() => !one.Send(other.Id, "nobody"));
    }

    [Fact]
    public async Task A_stream_that_is_reset_is_opened_again_after_a_while_that_doubles()
    {
        var time = new FakeTimeProvider();
        await using var one = await MessagePeer.StartAsync(options => options with { Time = time });
        await using var other = await TestPeer.StartAsync();
        await using var listener = other.Peer.Listen(MessagePeer.Protocol);
        await one.Local.DialAsync(other.Address, Cancellation);
        for (var (i, delay) = (1, TimeSpan.FromMilliseconds(250)); i <= 4; i++, delay *= 2)
        {
            var stream = await listener.AcceptAsync(Cancellation);
            await one.UntilAsync(heard => heard.Count == i);
            stream!.Reset();
            await TestPeer.UntilAsync(() => one.Logged.Count == i);
            time.Advance(delay - TimeSpan.FromMilliseconds(1));
            Assert.Equal(i, one.Heard.Count);
            time.Advance(TimeSpan.FromMilliseconds(1));
        }

        await one.HearsAsync("opened", "opened", "opened", "opened", "opened");
    }

    [Fact]
    public async Task A_peer_that_does_not_read_stalls_itself_only()
    {
        var time = new FakeTimeProvider();
        await using var one = await MessagePeer.StartAsync(options => options with { MaxQueuedMessages = 100, Time = time });
        await using var reader = await MessagePeer.StartAsync();
        await using var stalled = await TestPeer.StartAsync();
        await using var listener = stalled.Peer.Listen(MessagePeer.Protocol);
        await ConnectAsync(one, reader);
        await one.Local.DialAsync(stalled.Address, Cancellation);
        await using var stream = await listener.AcceptAsync(Cancellation);
        var (message, taken) = (new byte[10_000], 0);
        for (var i = 0; i < 1_000; i++)
        {
            taken += one.Streams.Send(stalled.Id, message) ? 1 : 0;
            await TestPeer.UntilAsync(() => one.Streams.QueuedFor(reader.Id) < 50);
            Assert.True(one.Send(reader.Id, $"{i}"));
        }

        // What waits, and what is under way: a window of 256 KiB, and a batch of messages that waits for more of it.
        Assert.InRange(taken, 100, 100 + 27 + 10);
        Assert.Single(one.Logged, id => id == Dropped);
        await reader.HearsAsync(["opened", .. Enumerable.Range(0, 1_000).Select(i => $"{i}")]);

        // And it is let go in the end.
        await TestPeer.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return one.Logged.Contains(Broken);
        });
    }

    [Fact]
    public async Task A_peer_that_begins_to_serve_the_protocol_is_found_out()
    {
        var time = new FakeTimeProvider();
        await using var one = await MessagePeer.StartAsync(options => options with { Time = time });
        await using var other = await TestPeer.StartAsync();
        await one.Local.DialAsync(other.Address, Cancellation);
        await TestPeer.UntilAsync(() => !one.Logged.IsEmpty);
        Assert.Empty(one.Heard);
        await using var listener = other.Peer.Listen(MessagePeer.Protocol);
        var accepting = listener.AcceptAsync(Cancellation).AsTask();
        await TestPeer.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return accepting.IsCompleted;
        });
        await (await accepting)!.DisposeAsync();
        await one.UntilAsync(heard => heard.Contains("opened"));
    }

    [Theory]
    [InlineData(new byte[] { 0x80, 0x00 })]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0x7F })]
    [InlineData(new byte[] { 0x03, (byte)'b', (byte)'a', (byte)'d' })]
    public async Task A_stream_of_nonsense_is_reset_and_nothing_else(byte[] bytes)
    {
        await using var one = await MessagePeer.StartAsync();
        await using var other = await MessagePeer.StartAsync();
        var session = await ConnectAsync(other, one);
        await using var stream = await session.OpenStreamAsync(MessagePeer.Protocol, Cancellation);
        await stream.WriteAsync(bytes, Cancellation);
        await Assert.ThrowsAsync<ManagedSwarm.Transport.SwarmException>(() => stream.ReadAsync(new byte[1], Cancellation).AsTask());
        await TestPeer.UntilAsync(() => one.Logged.Contains(Invalid));
        other.Send(one.Id, "good");
        await one.HearsAsync("opened", "good");
    }

    [Fact]
    public async Task Of_a_peers_streams_the_newest_are_read()
    {
        await using var one = await MessagePeer.StartAsync();
        await using var other = await TestPeer.StartAsync();
        await using var listener = other.Peer.Listen(MessagePeer.Protocol);
        var session = await other.Peer.DialAsync(one.Address, Cancellation);
        var streams = new List<IMuxStream>();
        for (var i = 0; i < 3; i++)
        {
            streams.Add(await session.OpenStreamAsync(MessagePeer.Protocol, Cancellation));
            await streams[i].WriteAsync(new byte[] { 1, (byte)('0' + i) }, Cancellation);
            await one.UntilAsync(heard => heard.Contains($"{i}"));
        }

        await Assert.ThrowsAsync<ManagedSwarm.Transport.SwarmException>(() => streams[0].ReadAsync(new byte[1], Cancellation).AsTask());
        await streams[1].WriteAsync("\u0001x"u8.ToArray(), Cancellation);
        await one.UntilAsync(heard => heard.Contains("x"));
        await Task.WhenAll(streams.Select(stream => stream.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task Disposal_sends_what_waits()
    {
        var texts = Enumerable.Range(0, 500).Select(i => $"message {i}").ToList();
        await using var other = await MessagePeer.StartAsync();
        await using var one = await MessagePeer.StartAsync(options => options with { CloseTimeout = TimeSpan.FromMinutes(1) });
        await ConnectAsync(one, other);
        await one.HearsAsync("opened");
        texts.ForEach(text => Assert.True(one.Send(other.Id, text)));
        await one.Streams.DisposeAsync();
        await other.UntilAsync(heard => heard.Count(text => text.StartsWith("message", StringComparison.Ordinal)) == texts.Count);
        Assert.False(one.Send(other.Id, "more"));
        Assert.NotEmpty(one.Local.Sessions);

        // In good order: a reset might overtake what was sent last.
        await other.Streams.DisposeAsync();
        Assert.DoesNotContain(Ended, other.Logged);
        Assert.DoesNotContain(Invalid, other.Logged);
    }

    [Fact]
    public async Task Disposal_does_not_wait_longer_than_it_may_for_one_that_does_not_read()
    {
        var time = new FakeTimeProvider();
        await using var stalled = await TestPeer.StartAsync();
        await using var listener = stalled.Peer.Listen(MessagePeer.Protocol);
        await using var one = await MessagePeer.StartAsync(options => options with { Time = time });
        await one.Local.DialAsync(stalled.Address, Cancellation);
        await using var stream = await listener.AcceptAsync(Cancellation);
        while (one.Streams.Send(stalled.Id, new byte[10_000]))
        {
            await Task.Yield();
        }

        var disposal = one.Streams.DisposeAsync().AsTask();
        await TestPeer.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return disposal.IsCompleted;
        });
        Assert.Equal("ended", one.Heard.Last());
    }

    [Fact]
    public async Task Streams_change_over_when_two_peers_have_dialed_each_other()
    {
        var options = new LocalPeerOptions { Timeouts = TestPeer.Patient with { Drain = TimeSpan.FromMilliseconds(20) } };
        for (var round = 0; round < 10; round++)
        {
            await using var one = await MessagePeer.StartAsync(options: options);
            await using var other = await MessagePeer.StartAsync(options: options);
            await Task.WhenAll(
                one.Local.DialAsync(other.Address, Cancellation).AsTask(), other.Local.DialAsync(one.Address, Cancellation).AsTask());
            var sent = 0;
            await TestPeer.UntilAsync(() =>
            {
                sent += one.Send(other.Id, "ping") && other.Send(one.Id, "ping") ? 1 : 0;
                return one.Local.Connections.Count == 1 && other.Local.Connections.Count == 1;
            });

            // There may be no room before the others have gone.
            await TestPeer.UntilAsync(() => one.Send(other.Id, "last"));
            await TestPeer.UntilAsync(() => other.Send(one.Id, "last"));
            await Task.WhenAll(one.UntilAsync(heard => heard.Contains("last")), other.UntilAsync(heard => heard.Contains("last")));
        }
    }

    private static async Task<ISession> ConnectAsync(MessagePeer one, MessagePeer other)
    {
        var session = await one.Local.DialAsync(other.Address, Cancellation);
        await TestPeer.UntilAsync(() => other.Local.Sessions.Count > 0);
        return session;
    }

    private sealed class HeardOf : IPeerMessageHandler
    {
        public void Opened(PeerId peer)
        {
        }

        public void Received(PeerId from, System.Buffers.ReadOnlySequence<byte> message)
        {
        }

        public void Ended(PeerId peer)
        {
        }
    }
}
