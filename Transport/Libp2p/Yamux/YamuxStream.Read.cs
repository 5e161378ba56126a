namespace ManagedSwarm.Transport.Libp2p.Yamux;

/// <content>The direction towards this side.</content>
internal sealed partial class YamuxStream
{
    private readonly ReceiveWindow _window;
    private readonly ReceiveBuffer _received;
    private readonly Waiter _reader = new();

    // Where the reader that waits wants bytes, and how many have come for it since it was claimed. The read loop's while it is claimed.
    private Memory<byte> _target;
    private int _filled;
    private bool _isWaking;
    private bool _isReadClosed;

    /// <summary>Reads what has come, at least one byte.</summary>
    /// <returns>How many bytes; 0: the other side has closed its direction.</returns>
    /// <exception cref="SwarmException"><c>stream_reset</c>: by a side, or with its connection.</exception>
    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        int count;
        int allowed;
        lock (_gate)
        {
            if (_reader.IsOpen)
            {
                throw new InvalidOperationException($"stream {Id} is being read already");
            }

            if (_received.Length == 0)
            {
                return IsAtEnd() || buffer.IsEmpty ? new ValueTask<int>(0) : WaitToRead(buffer, cancellationToken);
            }

            count = _received.Read(buffer.Span);
            allowed = Take(count);
        }

        Allow(allowed);
        _connection.Flush();
        Settle();
        return new ValueTask<int>(count);
    }

    /// <summary>A data frame begins.</summary>
    /// <exception cref="SwarmException"><c>protocol_violation</c>: there is more than the window, or it was closed.</exception>
    public void OnData(uint length)
    {
        lock (_gate)
        {
            if (_isReadClosed && length > 0)
            {
                throw YamuxErrors.Violation($"the data of stream {Id} after its end", length, "0 bytes");
            }

            if (!_window.TryReceive(length))
            {
                throw YamuxErrors.Violation($"the data of stream {Id}", length, $"{_window.Left} bytes, its window");
            }
        }
    }

    /// <summary>A part of the data comes: straight into a reader's buffer if one waits.</summary>
    public void Receive(ReadOnlySpan<byte> part)
    {
        int count;
        int allowed;
        lock (_gate)
        {
            // What comes after this side's reset is for nobody.
            if (_cause is not null)
            {
                return;
            }

            count = ReceiveForReader(part);
            allowed = Take(count);
            _received.Append(part[count..]);
        }

        if (count > 0)
        {
            _connection.Wake(this);
        }

        Allow(allowed);
    }

    /// <summary>The other side sends no more.</summary>
    public void OnReadClosed()
    {
        lock (_gate)
        {
            _isReadClosed = true;
            if (_reader.TryClaim())
            {
                _target = default;
                _reader.Complete(0);
            }
        }

        Settle();
    }

    /// <summary>Whether the reader that is to be woken has room for more. For the read loop only.</summary>
    public bool WantsMore => !_target.IsEmpty;

    /// <summary>Lets the reader go that is to be woken. For the read loop only.</summary>
    /// <returns>Claimed, and what its read returns.</returns>
    public (Waiter Reader, int Count) LetReaderGo()
    {
        (_target, _isWaking) = (default, false);
        return (_reader, _filled);
    }

    private bool IsAtEnd()
    {
        if (_isReadClosed && !_isDropped)
        {
            return true;
        }

        return _cause is null ? false : throw Ended();
    }

    private ValueTask<int> WaitToRead(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        _target = buffer;
        return _reader.WaitAsync(cancellationToken);
    }

    private int ReceiveForReader(ReadOnlySpan<byte> part)
    {
        if (!_isWaking)
        {
            if (!_reader.TryClaim())
            {
                return 0;
            }

            (_isWaking, _filled) = (true, 0);
        }

        var count = Math.Min(part.Length, _target.Length);
        part[..count].CopyTo(_target.Span);
        _target = _target[count..];
        _filled += count;
        return count;
    }

    /// <summary>Counts what the reader has.</summary>
    /// <returns>How much more the other side may send.</returns>
    private int Take(int count) => _isReadClosed || _cause is not null ? 0 : _window.Take(count, _connection.RoundTrip);

    private void Allow(int bytes)
    {
        if (bytes > 0)
        {
            _connection.Post(new FrameHeader(FrameType.WindowUpdate, FrameFlags.None, Id, (uint)bytes));
        }
    }
}
