namespace ManagedSwarm.Transport.Libp2p.Yamux;

/// <content>What the other side says.</content>
internal sealed partial class YamuxConnection : IFrameHandler
{
    private readonly FrameParser _parser;
    private readonly RateLimit _vain;

    // The stream of the frame that is being parsed, if its data is wanted.
    private YamuxStream? _current;
    private bool _isLastOfCurrent;

    // The stream whose reader is to be woken next: when the read loop waits (Reception), when the reader's buffer is full, or when this
    // many messages have come since.
    private const int MessagesPerWake = 4;
    private YamuxStream? _woken;
    private int _sinceWoken;

    /// <summary>A reader that was claimed is to go on. For the read loop only.</summary>
    public void Wake(YamuxStream stream)
    {
        if (stream != _woken)
        {
            WakeLast();
            (_woken, _sinceWoken) = (stream, 0);
        }
    }

    void IFrameHandler.BeginFrame(in FrameHeader header)
    {
        _current = null;
        switch (header.Type)
        {
            case FrameType.Ping:
                RequireNoStream(header);
                OnPing(header);
                break;
            case FrameType.GoAway:
                RequireNoStream(header);
                OnGoAway(header);
                break;
            default:
                OnStreamFrame(header);
                break;
        }
    }

    void IFrameHandler.Payload(ReadOnlySpan<byte> part) => _current?.Receive(part);

    void IFrameHandler.EndFrame()
    {
        if (_isLastOfCurrent)
        {
            _current?.OnReadClosed();
        }

        _current = null;
    }

    /// <summary>The read loop; ends with a reason, never with an exception.</summary>
    private async Task ReadAsync()
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                var message = await ReceiveAsync();
                if (message.IsEmpty)
                {
                    End(YamuxErrors.SessionClosed("by the other side"), farewell: null);
                    return;
                }

                _parser.Feed(message.Span);
                Flush();
            }
        }
        catch (SwarmException error)
        {
            End(error, error.Code == "protocol_violation" ? GoAwayCode.ProtocolError : null);
        }
        catch (Exception error)
        {
            // Cancelled: there is a reason already, which stays.
            End(YamuxErrors.SessionClosed("nothing can be received any more", error), farewell: null);
        }
        finally
        {
            WakeLast();
        }
    }

    private Reception ReceiveAsync()
    {
        var receiving = _channel.ReceiveAsync(_stop.Token);
        if (_woken is not { } stream || (receiving.IsCompleted && stream.WantsMore && ++_sinceWoken < MessagesPerWake))
        {
            return new Reception(receiving, null, 0);
        }

        _woken = null;
        var (reader, count) = stream.LetReaderGo();
        return new Reception(receiving, reader, count);
    }

    private void WakeLast()
    {
        if (_woken?.LetReaderGo() is var (reader, count))
        {
            _woken = null;
            reader.Complete(count);
        }
    }

    private static void RequireNoStream(in FrameHeader header)
    {
        if (header.StreamId != 0)
        {
            throw YamuxErrors.Violation("the stream id of a frame for the whole connection", header.StreamId, "0");
        }
    }

    private void OnPing(in FrameHeader header)
    {
        if (header.Has(FrameFlags.Syn))
        {
            Post(new FrameHeader(FrameType.Ping, FrameFlags.Ack, 0, header.Length));
        }
        else if (!_keepAlive.TryAnswer(header.Length))
        {
            throw YamuxErrors.Violation("the value of an answered ping", header.Length, "that of a ping under way");
        }
    }

    private void SendPing(uint value)
    {
        Post(new FrameHeader(FrameType.Ping, FrameFlags.Syn, 0, value));
        Flush();
    }

    private void OnGoAway(in FrameHeader header)
    {
        if (header.Length != (uint)GoAwayCode.Normal)
        {
            End(YamuxErrors.SessionClosed($"the other side ends it with code {header.Length} (1: protocol error, 2: internal error)"), null);
            return;
        }

        // It takes no more streams; those that are open may come to their end.
        _isRemoteLeaving = true;
        EndIfLeft();
    }

    private void EndIfLeft()
    {
        if (_isRemoteLeaving && _streams.Count == 0)
        {
            End(YamuxErrors.SessionClosed("the other side has left"), GoAwayCode.Normal);
        }
    }

    private void OnStreamFrame(in FrameHeader header)
    {
        var stream = header.Has(FrameFlags.Syn) ? Accept(header.StreamId) : _streams.Find(header.StreamId);
        if (stream is null)
        {
            _streams.Discard(header);
            return;
        }

        OnAnswer(stream);
        if (header.Type == FrameType.Data)
        {
            stream.OnData(header.Length);
        }
        else
        {
            stream.OnWindow(header.Length);
        }

        if (header.Has(FrameFlags.Rst))
        {
            OnReset(stream);
            return;
        }

        (_current, _isLastOfCurrent) = (stream, header.Has(FrameFlags.Fin));
    }

    /// <summary>Any frame says that the other side has taken the stream on: libp2p's implementations differ in when they send ACK.</summary>
    private void OnAnswer(YamuxStream stream)
    {
        if (stream.TryAcknowledge())
        {
            _unacknowledged.Release();
        }
    }

    private YamuxStream? Accept(uint id)
    {
        if (_streams.Find(id) is not null)
        {
            throw YamuxErrors.Violation("the id of a new stream", id, "those that are not in use");
        }

        // This loop alone adds to the backlog, so what has room now still has it below.
        var hasRoom = _accepted.Reader.Count < _options.AcceptBacklog;
        if (!_streams.TryAccept(id, hasRoom, _createInbound, out var stream))
        {
            Post(new FrameHeader(FrameType.WindowUpdate, FrameFlags.Rst, id, 0));
            CountVain();
            return null;
        }

        _accepted.Writer.TryWrite(stream);
        return stream;
    }

    private void OnReset(YamuxStream stream)
    {
        stream.OnReset();
        if (!stream.IsOutbound)
        {
            CountVain();
        }
    }

    private void CountVain()
    {
        if (!_vain.TryTake())
        {
            throw YamuxErrors.Violation(
                "the number of streams opened in vain", _options.VainStreamBurst + 1L,
                $"{_options.VainStreamBurst} at once, then {_options.VainStreamsPerSecond} per second");
        }
    }
}
