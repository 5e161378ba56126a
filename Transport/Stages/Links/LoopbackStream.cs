using System.IO.Pipelines;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Stages.Links;

/// <summary>A stream of a node to itself: two stages of one plan may be on one worker, and the head may be a worker of its own plan.</summary>
internal sealed class LoopbackStream : IMuxStream
{
    private readonly Pipe _incoming;
    private readonly Pipe _outgoing;
    private bool _isReadToEnd;
    private bool _isWritten;

    private LoopbackStream(string protocol, PeerId self, Pipe incoming, Pipe outgoing) =>
        (ProtocolId, RemotePeer, _incoming, _outgoing) = (protocol, self, incoming, outgoing);

    public string ProtocolId { get; }

    public PeerId RemotePeer { get; }

    /// <summary>Both ends of a new one.</summary>
    public static (LoopbackStream Dialer, LoopbackStream Listener) CreatePair(string protocol, PeerId self)
    {
        var (one, other) = (new Pipe(), new Pipe());
        return (new(protocol, self, one, other), new(protocol, self, other, one));
    }

    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var result = await _incoming.Reader.ReadAsync(cancellationToken);
        var part = result.Buffer.Slice(0, Math.Min(buffer.Length, result.Buffer.Length));
        var count = (int)part.Length;
        foreach (var piece in part)
        {
            piece.CopyTo(buffer);
            buffer = buffer[piece.Length..];
        }

        _incoming.Reader.AdvanceTo(part.End);
        _isReadToEnd |= count == 0 && result.IsCompleted;
        return count;
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        FlushResult result;
        try
        {
            result = await _outgoing.Writer.WriteAsync(buffer, cancellationToken);
        }
        catch (InvalidOperationException exception)
        {
            throw new SwarmException("stream_reset", "the stream was reset", exception);
        }

        if (result.IsCanceled || result.IsCompleted)
        {
            throw ResetFault();
        }
    }

    public ValueTask CloseWriteAsync(CancellationToken cancellationToken = default)
    {
        _isWritten = true;
        return _outgoing.Writer.CompleteAsync();
    }

    public void Reset()
    {
        foreach (var pipe in (Pipe[])[_incoming, _outgoing])
        {
            pipe.Writer.CancelPendingFlush();
            pipe.Writer.Complete(ResetFault());
        }
    }

    public ValueTask DisposeAsync()
    {
        if (!_isReadToEnd || !_isWritten)
        {
            Reset();
        }

        return ValueTask.CompletedTask;
    }

    private static SwarmException ResetFault() => new("stream_reset", "the stream was reset");
}
