using ManagedSwarm.Transport.Libp2p.Yamux;

namespace ManagedSwarm.Tests.Transport.Libp2p.Yamux;

/// <summary>Many callers and one writer, in a channel that is full.</summary>
public sealed class FrameWriterTests
{
    [Fact(Timeout = YamuxEchoTests.GuardMilliseconds)]
    public async Task Control_frames_of_a_blocked_writer_wait_and_go_with_the_next_data()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var peer = new RawPeer(isDialer: true, capacity: 1000);
        var (first, second) = (await peer.Connection.OpenStreamAsync(cancellationToken), await peer.Connection.OpenStreamAsync(cancellationToken));
        await peer.ReceiveAsync();
        await peer.ReceiveAsync();
        await first.WriteAsync(new byte[900], cancellationToken);
        var sending = first.WriteAsync(new byte[500], cancellationToken).AsTask();
        var waiting = second.WriteAsync(new byte[100], cancellationToken).AsTask();

        // The read loop goes on although nothing can be sent: it reaches the data behind the pings.
        for (uint ping = 0; ping < 3; ping++)
        {
            await peer.SendAsync(FrameType.Ping, FrameFlags.Syn, 0, ping);
        }

        await peer.SendDataAsync(1, new byte[1]);
        Assert.Equal(1, await first.ReadAsync(new byte[2], cancellationToken));
        Assert.Equal(500 + 900, await peer.ReceiveDataAsync(500 + 900));
        for (uint ping = 0; ping < 3; ping++)
        {
            Assert.Equal(new FrameHeader(FrameType.Ping, FrameFlags.Ack, 0, ping), await peer.ReceiveAsync());
        }

        Assert.Equal(100, await peer.ReceiveDataAsync(100));
        await Task.WhenAll(sending, waiting);

        // Two that opened the streams, two of the first stream, and one for the pings' answers and the second stream.
        Assert.Equal(5, peer.ReceivedMessages);
    }

    [Fact(Timeout = YamuxEchoTests.GuardMilliseconds)]
    public async Task A_cancelled_write_leaves_the_connection_whole()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var peer = new RawPeer(isDialer: true, capacity: 1000);
        var first = await peer.Connection.OpenStreamAsync(cancellationToken);
        var second = await peer.Connection.OpenStreamAsync(cancellationToken);
        using var cancel = new CancellationTokenSource();

        // The first message is in the channel, the second on its way, the third waits for its turn.
        await peer.ReceiveAsync();
        await peer.ReceiveAsync();
        await first.WriteAsync(new byte[900], cancellationToken);
        var sending = first.WriteAsync(new byte[500], cancel.Token).AsTask();
        var waiting = second.WriteAsync(new byte[500], cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        var again = second.WriteAsync(new byte[7], cancellationToken).AsTask();
        Assert.Equal(900 + 500 + 7, await peer.ReceiveDataAsync(900 + 500 + 7));
        await again;
    }

    [Fact(Timeout = YamuxEchoTests.GuardMilliseconds)]
    public async Task Writers_take_turns_in_the_order_of_asking()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var peer = new RawPeer(isDialer: true, capacity: 100);
        var streams = new List<YamuxStream>();
        for (var i = 0; i < 10; i++)
        {
            streams.Add(await peer.Connection.OpenStreamAsync(cancellationToken));
        }

        var writes = streams.Select(stream => stream.WriteAsync(new byte[200], cancellationToken).AsTask()).ToArray();
        var ids = new List<uint>();
        while (ids.Count < 10)
        {
            if ((await peer.ReceiveAsync())!.Value is { Type: FrameType.Data } frame)
            {
                ids.Add(frame.StreamId);
            }
        }

        await Task.WhenAll(writes);
        Assert.Equal(streams.Select(stream => stream.Id), ids);
    }
}
