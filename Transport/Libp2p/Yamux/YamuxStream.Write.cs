using System.Runtime.CompilerServices;

namespace ManagedSwarm.Transport.Libp2p.Yamux;

/// <content>The direction towards the other side.</content>
internal sealed partial class YamuxStream
{
    // More goes in several frames, so that the other side opens the first while this one seals the second, and other streams have their turn.
    private const int LargestFrame = 32 * 1024;

    private readonly Waiter _windowWait = new();
    private readonly LinkedListNode<Waiter> _turn = new(new Waiter());
    private long _sendWindow = YamuxOptions.InitialWindow;
    private bool _isWriteClosed;
    private bool _isWriting;

    /// <summary>
    /// Writes all bytes; waits while the other side takes none. If it is cancelled, part of them may have gone: what the stream is good
    /// for then is the application's to know.
    /// </summary>
    /// <exception cref="SwarmException"><c>stream_reset</c></exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        BeginWriting();
        try
        {
            while (!buffer.IsEmpty)
            {
                await WaitForWindow(cancellationToken);
                if (!await _writer.EnterAsync(_turn, cancellationToken))
                {
                    throw Ended();
                }

                var count = TakeWindow(NextFrame(buffer.Length));
                if (await SendAsync(buffer[..count], cancellationToken) == 0)
                {
                    throw Ended();
                }

                buffer = buffer[count..];
            }
        }
        finally
        {
            EndWriting();
        }
    }

    /// <summary>Closes this side's direction; the other side reads to the end.</summary>
    public ValueTask CloseWriteAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            RequireNoWriter();
            if (_isWriteClosed || _cause is not null)
            {
                return default;
            }

            _isWriteClosed = true;
        }

        Post(FrameType.WindowUpdate, FrameFlags.Fin, 0);
        Settle();
        return default;
    }

    /// <summary>The other side allows more.</summary>
    /// <exception cref="SwarmException"><c>protocol_violation</c>: more than a frame could ever say.</exception>
    public void OnWindow(uint bytes)
    {
        lock (_gate)
        {
            if (_sendWindow + bytes > uint.MaxValue)
            {
                throw YamuxErrors.Violation($"the window of stream {Id}", _sendWindow + bytes, $"at most {uint.MaxValue}");
            }

            // Within the gate: a wake that came late would end the wait for the window after the next.
            _sendWindow += bytes;
            if (_sendWindow > 0)
            {
                WakeWriter();
            }
        }
    }

    private void BeginWriting()
    {
        lock (_gate)
        {
            RequireNoWriter();
            if (_isWriteClosed)
            {
                throw new InvalidOperationException($"stream {Id} is closed for writing");
            }

            if (_cause is not null)
            {
                throw Ended();
            }

            _isWriting = true;
        }
    }

    private void EndWriting()
    {
        lock (_gate)
        {
            _isWriting = false;
        }
    }

    private void RequireNoWriter()
    {
        if (_isWriting)
        {
            throw new InvalidOperationException($"stream {Id} is being written already");
        }
    }

    /// <summary>Ends when something may be sent, or nothing ever more.</summary>
    private ValueTask<int> WaitForWindow(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return _sendWindow > 0 || _cause is not null ? new ValueTask<int>(0) : _windowWait.WaitAsync(cancellationToken);
        }
    }

    private void WakeWriter()
    {
        if (_windowWait.TryClaim())
        {
            _windowWait.Complete(0);
        }
    }

    /// <summary>Cuts evenly: a small last frame would cost as much as a large one.</summary>
    private int NextFrame(int left)
    {
        var frames = ((left - 1) / Math.Min(_writer.MaxData, LargestFrame)) + 1;
        return ((left - 1) / frames) + 1;
    }

    /// <returns>How many bytes may be sent; 0: none, and none ever more.</returns>
    private int TakeWindow(int most)
    {
        lock (_gate)
        {
            var count = _cause is null ? (int)Math.Min(most, _sendWindow) : 0;
            _sendWindow -= count;
            return count;
        }
    }

    /// <summary>Sends from within the writer, and leaves it.</summary>
    /// <returns>0: it was not sent.</returns>
    private ValueTask<int> SendAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if (data.IsEmpty)
        {
            _writer.Leave();
            return new ValueTask<int>(0);
        }

        var frame = new FrameHeader(FrameType.Data, FrameFlags.None, Id, (uint)data.Length);
        return _writer.SendAndLeaveAsync(frame, data.Span, _turn.Value, cancellationToken);
    }
}
