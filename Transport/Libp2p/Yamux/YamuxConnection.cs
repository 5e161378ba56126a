using System.Threading.Channels;

namespace ManagedSwarm.Transport.Libp2p.Yamux;

/// <summary>
/// Many streams over one channel: yamux (github.com/hashicorp/yamux/blob/master/spec.md), as libp2p's <c>/yamux/1.0.0</c> uses it. One
/// loop reads and never waits for anything but the channel; writing is the callers', one at a time (<see cref="FrameWriter"/>). A slow
/// reader holds up its own stream only, whose window is not given back.
/// </summary>
internal sealed partial class YamuxConnection : IAsyncDisposable
{
    private readonly IMessageChannel _channel;
    private readonly YamuxOptions _options;
    private readonly TimeProvider _time;
    private readonly StreamTable _streams;
    private readonly FrameWriter _writer;
    private readonly KeepAlive _keepAlive;
    private readonly WindowBudget _budget;
    private readonly Channel<YamuxStream> _accepted;
    private readonly SemaphoreSlim _unacknowledged;
    private readonly Func<uint, YamuxStream> _createInbound;
    private readonly Func<uint, YamuxStream> _createOutbound;

    // Held while a stream gets its id and its first frame is queued, so that ids go out in order.
    private readonly Lock _opening = new();

    // Neither has a timer or a handle, and both may be cancelled late: they are never disposed.
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _abort = new();

    private Ending? _ending;
    private volatile bool _isRemoteLeaving;

    /// <summary>Begins to read and to ping.</summary>
    /// <param name="channel">Becomes the connection's, which disposes it.</param>
    /// <param name="isDialer">One side is the dialer, the other the listener: their streams have different ids.</param>
    /// <param name="options">Limits and waits; null: the usual ones.</param>
    /// <param name="time">For keep-alive, windows and waits.</param>
    public YamuxConnection(IMessageChannel channel, bool isDialer, YamuxOptions? options = null, TimeProvider? time = null)
    {
        (_channel, _options, _time) = (channel, options ?? new YamuxOptions(), time ?? TimeProvider.System);
        _streams = new StreamTable(isDialer, _options);
        _budget = new WindowBudget(_options.MaxWindowGrowth);
        _vain = new RateLimit(_options.VainStreamBurst, _options.VainStreamsPerSecond, _time);
        _parser = new FrameParser(this);
        _unacknowledged = new SemaphoreSlim(_options.MaxUnacknowledged);
        _accepted = Channel.CreateBounded<YamuxStream>(new BoundedChannelOptions(_options.AcceptBacklog) { SingleWriter = true });
        _writer = new FrameWriter(channel, Buffers, _options.MaxQueuedControlFrames, OnSendFailed, _abort.Token);
        _createInbound = id => new YamuxStream(id, isOutbound: false, this, _writer);
        _createOutbound = id => new YamuxStream(id, isOutbound: true, this, _writer);
        _keepAlive = new KeepAlive(_options, _time, SendPing, OnSilence);
        _keepAlive.Start();

        // On a thread of the pool: a peer that always has something to say must not keep the caller.
        Closed = Task.Run(RunAsync);
    }

    /// <summary>Ends when the connection does, never with an exception.</summary>
    public Task Closed { get; }

    /// <summary>
    /// Why the connection ends; null: it does not. <c>session_closed</c>, <c>protocol_violation</c>, <c>keep_alive_timeout</c>, or the
    /// channel's error.
    /// </summary>
    public SwarmException? CloseReason => Volatile.Read(ref _ending)?.Reason;

    /// <inheritdoc cref="KeepAlive.RoundTrip"/>
    public TimeSpan RoundTrip => _keepAlive.RoundTrip;

    /// <summary>Streams that are not over, or not read to their end.</summary>
    public int StreamCount => _streams.Count;

    /// <summary>The buffers that the connection and its streams use.</summary>
    public RentedBuffers Buffers { get; } = new();

    /// <summary>Opens a stream; waits while too many of this side's were not accepted yet.</summary>
    /// <exception cref="SwarmException"><c>session_closed</c>, <c>too_many_streams</c></exception>
    public async ValueTask<YamuxStream> OpenStreamAsync(CancellationToken cancellationToken = default)
    {
        await _unacknowledged.WaitAsync(cancellationToken);
        var stream = default(YamuxStream);
        try
        {
            stream = TryOpen() ?? throw (CloseReason is { } reason
                ? YamuxErrors.SessionClosed(reason)
                : YamuxErrors.SessionClosed("the other side is leaving and takes no more streams"));
        }
        finally
        {
            if (stream is null)
            {
                _unacknowledged.Release();
            }
        }

        Flush();
        return stream;
    }

    /// <summary>Waits for a stream that the other side opens.</summary>
    /// <returns>Null: the connection is over.</returns>
    public async ValueTask<YamuxStream?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _accepted.Reader.WaitToReadAsync(cancellationToken))
        {
            while (_accepted.Reader.TryRead(out var stream))
            {
                if (stream.TryAccept())
                {
                    Post(new FrameHeader(FrameType.WindowUpdate, FrameFlags.Ack, stream.Id, 0));
                    Flush();
                    return stream;
                }

                await stream.DisposeAsync();
            }
        }

        return null;
    }

    /// <summary>Says good-bye, ends all streams, and closes the channel.</summary>
    public async ValueTask DisposeAsync()
    {
        End(YamuxErrors.SessionClosed("by this side"), GoAwayCode.Normal);
        await Closed;
        foreach (var stream in _streams.Close())
        {
            stream.Reset();
        }
    }

    /// <summary>Queues a control frame of a stream; <see cref="Flush"/> has it sent.</summary>
    public void Post(in FrameHeader frame)
    {
        if (!_writer.Post(frame))
        {
            var most = _options.MaxQueuedControlFrames;
            End(YamuxErrors.Violation("the number of frames that the other side does not read", most + 1L, $"{most}"), GoAwayCode.ProtocolError);
        }
    }

    public void Flush() => _writer.Flush();

    public ReceiveWindow CreateWindow() => new(_time, _budget, _options.MaxWindow);

    /// <summary>A stream is over and read.</summary>
    /// <param name="stream">Which.</param>
    /// <param name="underWay">Bytes of it that may still come.</param>
    public void Forget(YamuxStream stream, int underWay)
    {
        _streams.Remove(stream, underWay);
        OnAnswer(stream);
        EndIfLeft();
    }

    private YamuxStream? TryOpen()
    {
        lock (_opening)
        {
            if (_isRemoteLeaving || !_streams.TryOpen(_createOutbound, out var stream))
            {
                return null;
            }

            Post(new FrameHeader(FrameType.WindowUpdate, FrameFlags.Syn, stream.Id, 0));
            return stream;
        }
    }

    /// <summary>How the connection ends: the first reason counts.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="farewell">What the other side is told; null: nothing.</param>
    private void End(SwarmException reason, GoAwayCode? farewell)
    {
        if (Interlocked.CompareExchange(ref _ending, new Ending(reason, farewell), null) is null)
        {
            _stop.Cancel();
        }
    }

    private async Task RunAsync()
    {
        await ReadAsync();
        _keepAlive.Dispose();
        _accepted.Writer.TryComplete();
        foreach (var stream in _streams.Close())
        {
            stream.OnSessionClosed(_ending!.Reason);
        }

        while (_accepted.Reader.TryRead(out var stream))
        {
            stream.Reset();
        }

        // Whoever waits to open a stream wakes, finds the end, and wakes the next.
        _unacknowledged.Release();
        await CloseWriterAsync(_ending!.Farewell);
    }

    private async Task CloseWriterAsync(GoAwayCode? farewell)
    {
        _writer.Close(farewell is { } code ? new FrameHeader(FrameType.GoAway, FrameFlags.None, 0, (uint)code) : null);
        try
        {
            await _writer.Idle.WaitAsync(farewell is null ? TimeSpan.Zero : _options.CloseTimeout, _time);
        }
        catch (TimeoutException)
        {
            _abort.Cancel();
        }

        try
        {
            await _channel.DisposeAsync();
        }
        catch (Exception)
        {
            // It is being thrown away: there is nothing to do about it, and nobody who could.
        }

        await _writer.Idle;
    }

    private void OnSendFailed(Exception error) => End(
        error as SwarmException ?? YamuxErrors.SessionClosed("nothing can be sent any more", error), farewell: null);

    private void OnSilence() => End(YamuxErrors.KeepAliveTimeout(_options.KeepAliveTimeout), farewell: null);

    private sealed record Ending(SwarmException Reason, GoAwayCode? Farewell);
}
