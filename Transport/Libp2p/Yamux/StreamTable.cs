using System.Diagnostics.CodeAnalysis;

namespace ManagedSwarm.Transport.Libp2p.Yamux;

/// <summary>
/// The streams of a connection by their ids. It keeps nothing of streams that are over: which ids were ever used follows from the highest,
/// and of the data that may still come for them one sum is kept.
/// </summary>
/// <param name="isDialer">The dialer's ids are odd, the listener's even.</param>
internal sealed class StreamTable(bool isDialer, YamuxOptions options)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<uint, YamuxStream> _streams = [];
    private long _nextId = isDialer ? 1 : 2;
    private uint _highestInbound;
    private int _inbound;
    private long _discardable;
    private bool _isClosed;

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _streams.Count;
            }
        }
    }

    public YamuxStream? Find(uint id)
    {
        lock (_gate)
        {
            return _streams.GetValueOrDefault(id);
        }
    }

    /// <summary>Opens a stream of this side.</summary>
    /// <param name="create">Makes the stream of its id.</param>
    /// <param name="stream">Null: the table is closed.</param>
    /// <exception cref="SwarmException"><c>too_many_streams</c></exception>
    public bool TryOpen(Func<uint, YamuxStream> create, [NotNullWhen(true)] out YamuxStream? stream)
    {
        lock (_gate)
        {
            stream = null;
            if (_isClosed)
            {
                return false;
            }

            var outbound = _streams.Count - _inbound;
            if (outbound >= options.MaxOutboundStreams)
            {
                throw YamuxErrors.TooManyStreams("streams that this side has open", outbound, options.MaxOutboundStreams);
            }

            if (_nextId > options.LastStreamId)
            {
                throw YamuxErrors.TooManyStreams("the next stream's id, which no connection has,", _nextId, options.LastStreamId);
            }

            stream = create((uint)_nextId);
            _streams.Add(stream.Id, stream);
            _nextId += 2;
            return true;
        }
    }

    /// <summary>The other side opens a stream.</summary>
    /// <param name="id">Which; it is not in the table.</param>
    /// <param name="hasRoom">Whether one more may wait to be accepted.</param>
    /// <param name="create">Makes the stream.</param>
    /// <param name="stream">Null: there are too many, or the table is closed.</param>
    /// <exception cref="SwarmException"><c>protocol_violation</c>: the id is not one of the other side's.</exception>
    public bool TryAccept(uint id, bool hasRoom, Func<uint, YamuxStream> create, [NotNullWhen(true)] out YamuxStream? stream)
    {
        lock (_gate)
        {
            if (IsOutbound(id) || id == 0)
            {
                throw YamuxErrors.Violation("the id of a stream that the other side opens", id, isDialer ? "even, not 0" : "odd");
            }

            // Not in strict order: some implementations choose the id on one thread and send it on another.
            _highestInbound = Math.Max(_highestInbound, id);
            stream = null;
            if (_isClosed || !hasRoom || _inbound >= options.MaxInboundStreams)
            {
                _discardable += YamuxOptions.InitialWindow;
                return false;
            }

            stream = create(id);
            _streams.Add(id, stream);
            _inbound++;
            return true;
        }
    }

    /// <summary>Forgets a stream that is over.</summary>
    /// <param name="stream">Which; nothing happens if it is not in the table.</param>
    /// <param name="underWay">Bytes that the other side may have sent, or may send before it knows.</param>
    public void Remove(YamuxStream stream, long underWay)
    {
        lock (_gate)
        {
            if (_streams.Remove(stream.Id))
            {
                _inbound -= IsOutbound(stream.Id) ? 0 : 1;
            }

            _discardable += underWay;
        }
    }

    /// <summary>Checks that a frame of a stream that is not in the table belongs to one that is over, and counts its data.</summary>
    /// <exception cref="SwarmException"><c>protocol_violation</c>: there never was that stream, or its window was smaller.</exception>
    public void Discard(in FrameHeader frame)
    {
        lock (_gate)
        {
            // A stream that was never opened may be reset: nothing becomes less by that.
            if (!WasOpened(frame.StreamId) && !frame.Has(FrameFlags.Rst))
            {
                throw YamuxErrors.Violation("a stream's id", frame.StreamId, "those that were opened");
            }

            if (frame.PayloadLength > _discardable)
            {
                throw YamuxErrors.Violation("the data for streams that are over", frame.PayloadLength, $"{_discardable} bytes");
            }

            _discardable -= frame.PayloadLength;
        }
    }

    /// <summary>Lets no stream in any more.</summary>
    /// <returns>Those that are there.</returns>
    public YamuxStream[] Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            return [.. _streams.Values];
        }
    }

    private bool IsOutbound(uint id) => (id % 2 == 1) == isDialer && id != 0;

    private bool WasOpened(uint id) => IsOutbound(id) ? id < _nextId : id != 0 && id <= _highestInbound;
}
