using ManagedSwarm.Transport.Libp2p.Yamux;

namespace ManagedSwarm.Tests.Transport.Libp2p.Yamux;

/// <summary>A connection's other side that says whatever a test wants, frame by frame.</summary>
internal sealed class RawPeer : IFrameHandler, IAsyncDisposable
{
    private readonly MemoryChannel _channel;
    private readonly FrameParser _parser;
    private readonly Queue<(FrameHeader Header, byte[] Data)> _frames = new();
    private readonly MemoryStream _data = new();
    private FrameHeader _header;

    /// <param name="isDialer">Whether the connection is the dialer, and this the listener.</param>
    /// <param name="options">The connection's; by default without pings.</param>
    public RawPeer(YamuxOptions? options = null, bool isDialer = false, TimeProvider? time = null, int capacity = 128 * 1024)
    {
        (_channel, var other) = MemoryChannel.CreatePair(capacity);
        _parser = new FrameParser(this);
        Connection = new YamuxConnection(other, isDialer, options ?? Quiet, time);
    }

    /// <summary>Options without pings.</summary>
    public static YamuxOptions Quiet { get; } = new() { KeepAliveInterval = Timeout.InfiniteTimeSpan };

    public YamuxConnection Connection { get; }

    /// <summary>Messages of the connection, each of which may have had several frames.</summary>
    public int ReceivedMessages { get; private set; }

    public async Task SendAsync(FrameType type, FrameFlags flags, uint stream, uint length, byte[]? data = null)
    {
        var frame = new byte[FrameHeader.Size + (data?.Length ?? 0)];
        new FrameHeader(type, flags, stream, length).Write(frame);
        data?.CopyTo(frame.AsSpan(FrameHeader.Size));
        foreach (var part in frame.Chunk(_channel.MaxMessage))
        {
            var message = new byte[_channel.HeadRoom + part.Length + _channel.TailRoom];
            part.CopyTo(message.AsSpan(_channel.HeadRoom));
            await _channel.SendAsync(message, TestContext.Current.CancellationToken);
        }
    }

    public Task SendDataAsync(uint stream, byte[] data, FrameFlags flags = FrameFlags.None) =>
        SendAsync(FrameType.Data, flags, stream, (uint)data.Length, data);

    public Task OpenAsync(uint stream) => SendAsync(FrameType.WindowUpdate, FrameFlags.Syn, stream, 0);

    /// <summary>The connection's next frame; null: there is none any more.</summary>
    public async Task<FrameHeader?> ReceiveAsync() => (await ReceiveWithDataAsync())?.Header;

    public async Task<(FrameHeader Header, byte[] Data)?> ReceiveWithDataAsync()
    {
        while (_frames.Count == 0)
        {
            var message = await _channel.ReceiveAsync(TestContext.Current.CancellationToken);
            if (message.IsEmpty)
            {
                return null;
            }

            ReceivedMessages++;
            _parser.Feed(message.Span);
        }

        return _frames.Dequeue();
    }

    /// <summary>Receives frames until so many bytes of data have come.</summary>
    /// <returns>How many have.</returns>
    public async Task<int> ReceiveDataAsync(int least)
    {
        var total = 0;
        while (total < least)
        {
            total += (await ReceiveWithDataAsync())!.Value.Data.Length;
        }

        return total;
    }

    /// <summary>Waits until the connection has handled all that was sent to it: it answers pings in order.</summary>
    public async Task SettleAsync(List<FrameHeader>? frames = null)
    {
        await SendAsync(FrameType.Ping, FrameFlags.Syn, 0, 0xABCD);
        while (await ReceiveAsync() is { } frame && frame != new FrameHeader(FrameType.Ping, FrameFlags.Ack, 0, 0xABCD))
        {
            frames?.Add(frame);
        }
    }

    /// <summary>Checks that the connection says why it ends, and ends.</summary>
    public async Task ExpectViolationAsync(string part)
    {
        FrameHeader? last = null;
        while (await ReceiveAsync() is { } frame)
        {
            last = frame;
        }

        Assert.Equal(new FrameHeader(FrameType.GoAway, FrameFlags.None, 0, (uint)GoAwayCode.ProtocolError), last);
        await Connection.Closed.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal("protocol_violation", Connection.CloseReason!.Code);
        Assert.Contains(part, Connection.CloseReason.Message, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await Connection.DisposeAsync();
        Assert.NotNull(Connection.CloseReason);
        Assert.Equal((0, 0), (Connection.StreamCount, Connection.Buffers.Count));
    }

    public void BeginFrame(in FrameHeader header) => _header = header;

    public void Payload(ReadOnlySpan<byte> part) => _data.Write(part);

    public void EndFrame()
    {
        _frames.Enqueue((_header, _data.ToArray()));
        _data.SetLength(0);
    }
}
