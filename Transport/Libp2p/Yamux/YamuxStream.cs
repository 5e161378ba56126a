namespace ManagedSwarm.Transport.Libp2p.Yamux;

/// <summary>
/// One stream of bytes in both directions, before a protocol was agreed on. One reader and one writer may be active at a time. Disposing
/// a stream that is not closed in both directions resets it.
/// </summary>
internal sealed partial class YamuxStream : IAsyncDisposable
{
    private readonly YamuxConnection _connection;
    private readonly FrameWriter _writer;

    // Guards all that is not read-only; entered before the writer's own, never the other way round.
    private readonly Lock _gate = new();

    /// <summary>How it ended before both sides had closed it; null: it did not.</summary>
    private string? _cause;

    // Whether this side does not want what has come: after its reset.
    private bool _isDropped;
    private bool _isForgotten;
    private bool _isUnacknowledged;

    /// <param name="id">Odd if the dialer opened it.</param>
    /// <param name="isOutbound">Whether this side did.</param>
    /// <param name="connection">What it is a stream of.</param>
    /// <param name="writer">The connection's.</param>
    public YamuxStream(uint id, bool isOutbound, YamuxConnection connection, FrameWriter writer)
    {
        (Id, IsOutbound, _connection, _writer, _isUnacknowledged) = (id, isOutbound, connection, writer, isOutbound);
        _window = connection.CreateWindow();
        _received = new ReceiveBuffer(connection.Buffers);
    }

    /// <summary>The stream's number in its connection.</summary>
    public uint Id { get; }

    /// <summary>Whether this side opened it.</summary>
    public bool IsOutbound { get; }

    /// <summary>The window that the other side has, in bytes.</summary>
    public int ReceiveWindow
    {
        get
        {
            lock (_gate)
            {
                return _window.Size;
            }
        }
    }

    /// <summary>Ends both directions at once, what is under way is lost.</summary>
    public void Reset()
    {
        bool isNews;
        lock (_gate)
        {
            isNews = _cause is null && !(_isWriteClosed && _isReadClosed);
            _cause ??= "by this side";
            _isDropped = true;
            _received.Clear();
        }

        WakeAll();
        if (isNews)
        {
            Post(FrameType.WindowUpdate, FrameFlags.Rst, 0);
        }

        Settle();
    }

    public ValueTask DisposeAsync()
    {
        Reset();
        return default;
    }

    /// <summary>Takes an inbound stream for the application.</summary>
    /// <returns>False: the other side has reset it, and nothing is left to read.</returns>
    public bool TryAccept()
    {
        lock (_gate)
        {
            return _cause is null || (_isReadClosed && !_isDropped);
        }
    }

    /// <summary>The other side has answered: it has taken the stream on, or has refused it.</summary>
    /// <returns>True the first time.</returns>
    public bool TryAcknowledge()
    {
        lock (_gate)
        {
            var isFirst = _isUnacknowledged;
            _isUnacknowledged = false;
            return isFirst;
        }
    }

    /// <summary>The other side has reset it. What it had sent and closed before can still be read.</summary>
    public void OnReset() => End("by the other side", keepReceived: false);

    /// <summary>The connection is over. What had come can still be read.</summary>
    public void OnSessionClosed(SwarmException reason) => End(reason.Message, keepReceived: true);

    private void End(string cause, bool keepReceived)
    {
        lock (_gate)
        {
            if (_cause is not null)
            {
                return;
            }

            _cause = cause;
            if (!keepReceived && !_isReadClosed)
            {
                _received.Clear();
            }
        }

        WakeAll();
        Settle();
    }

    /// <summary>Whoever waits looks again, and finds the cause.</summary>
    private void WakeAll()
    {
        if (_reader.TryClaim())
        {
            _target = default;
            _reader.Fail(Ended());
        }

        WakeWriter();
    }

    private SwarmException Ended() =>
        YamuxErrors.StreamReset(Id, _cause ?? _connection.CloseReason?.Message ?? "the session is closed", _connection.CloseReason);

    /// <summary>Has the connection forget a stream that is over and read.</summary>
    private void Settle()
    {
        int underWay;
        lock (_gate)
        {
            var isOver = _cause is not null || (_isWriteClosed && _isReadClosed);
            if (_isForgotten || !isOver || _received.Length > 0)
            {
                return;
            }

            _isForgotten = true;

            // What is under way when this side resets it; and a side that resets may have a last frame in its hands.
            underWay = _isReadClosed ? 0 : _window.Left;
            _window.Release();
        }

        _connection.Forget(this, underWay);
    }

    private void Post(FrameType type, FrameFlags flags, int length)
    {
        _connection.Post(new FrameHeader(type, flags, Id, (uint)length));
        _connection.Flush();
    }
}
