using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Yamux;

namespace ManagedSwarm.Tests.Transport.Libp2p.Yamux;

/// <summary>When a reader that waits goes on: with all that is there, but not later than a few messages.</summary>
public sealed class ReaderWakeTests
{
    private const int Bytes = 100;

    [Theory(Timeout = YamuxEchoTests.GuardMilliseconds)]
    [InlineData(1, 1000, 1)]
    [InlineData(3, 1000, 3)]
    [InlineData(10, 1000, 4)]
    [InlineData(10, 1 << 20, 4)]
    [InlineData(10, 2 * Bytes, 2)]
    public async Task Gets_the_messages_that_are_there_in_one_read(int messages, int room, int expected)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var channel = new GatedChannel(Frame(FrameType.WindowUpdate, FrameFlags.Syn, 0), [.. Enumerable.Range(0, messages).Select(Data)]);
        await using var connection = new YamuxConnection(channel, isDialer: false, RawPeer.Quiet);
        var stream = await connection.AcceptAsync(cancellationToken);
        var buffer = new byte[room];
        var reading = stream!.ReadAsync(buffer, cancellationToken).AsTask();
        channel.Open();

        Assert.Equal(expected * Bytes, await reading);
        var all = new MemoryStream();
        all.Write(buffer, 0, expected * Bytes);
        var rest = new byte[(messages - expected) * Bytes];
        await stream.ReadExactlyAsync(rest, cancellationToken);
        all.Write(rest);
        Assert.Equal(Enumerable.Range(0, messages * Bytes).Select(i => (byte)(i / Bytes)), all.ToArray());
        await stream.DisposeAsync();
    }

    [Fact(Timeout = YamuxEchoTests.GuardMilliseconds)]
    public async Task Gets_what_was_there_before_the_connection_ended()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var channel = new GatedChannel(Frame(FrameType.WindowUpdate, FrameFlags.Syn, 0), [Data(0), Data(1), []]);
        await using var connection = new YamuxConnection(channel, isDialer: false, RawPeer.Quiet);
        var stream = await connection.AcceptAsync(cancellationToken);
        var reading = stream!.ReadAsync(new byte[1000], cancellationToken).AsTask();
        channel.Open();

        Assert.Equal(2 * Bytes, await reading);
        await TestStreams.ThrowsAsync("stream_reset", async () => await stream.ReadAsync(new byte[1], cancellationToken));
    }

    private static byte[] Data(int value)
    {
        byte[] frame = [.. Frame(FrameType.Data, FrameFlags.None, Bytes), .. new byte[Bytes]];
        frame.AsSpan(FrameHeader.Size).Fill((byte)value);
        return frame;
    }

    private static byte[] Frame(FrameType type, FrameFlags flags, uint length)
    {
        var frame = new byte[FrameHeader.Size];
        new FrameHeader(type, flags, 1, length).Write(frame);
        return frame;
    }

    /// <summary>Says one message, and when it is opened the others, which are there all at once; then nothing.</summary>
    private sealed class GatedChannel(byte[] first, List<byte[]> others) : IMessageChannel
    {
        private readonly TaskCompletionSource<ReadOnlyMemory<byte>> _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _received;

        public int HeadRoom => 0;

        public int TailRoom => 0;

        public int MaxMessage => 65519;

        public void Open() => _gate.SetResult(others[0]);

        public ValueTask SendAsync(Memory<byte> message, CancellationToken cancellationToken) => default;

        public ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancellationToken)
        {
            var number = _received++;
            return number switch
            {
                0 => new(first),
                1 => new(_gate.Task.WaitAsync(cancellationToken)),
                _ when number <= others.Count => new(others[number - 1]),
                _ => new(new TaskCompletionSource<ReadOnlyMemory<byte>>().Task.WaitAsync(cancellationToken)),
            };
        }

        public ValueTask DisposeAsync() => default;
    }
}
