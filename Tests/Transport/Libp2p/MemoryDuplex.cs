using System.IO.Pipelines;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Multistream;

namespace ManagedSwarm.Tests.Transport.Libp2p;

/// <summary>One end of a pair that is connected in memory; remembers each write.</summary>
internal sealed class MemoryDuplex : IByteDuplex, IMuxStream
{
    private readonly Pipe _incoming;
    private readonly Pipe _outgoing;

    private MemoryDuplex(Pipe incoming, Pipe outgoing) => (_incoming, _outgoing) = (incoming, outgoing);

    /// <summary>What was written, write by write.</summary>
    public List<byte[]> Writes { get; } = [];

    public string ProtocolId => "";

    public PeerId RemotePeer => throw new NotSupportedException();

    /// <summary>Two ends.</summary>
    public static (MemoryDuplex First, MemoryDuplex Second) CreatePair()
    {
        var options = new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false);
        var (there, back) = (new Pipe(options), new Pipe(options));
        return (new(back, there), new(there, back));
    }

    /// <summary>An end that hears some bytes, and then the end.</summary>
    public static MemoryDuplex Saying(ReadOnlySpan<byte> bytes)
    {
        var (first, second) = CreatePair();
        second.Feed(bytes);
        return first;
    }

    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var result = await _incoming.Reader.ReadAsync(cancellationToken);
        var count = (int)Math.Min(buffer.Length, result.Buffer.Length);
        var slice = result.Buffer.Slice(0, count);
        var destination = buffer;
        foreach (var segment in slice)
        {
            segment.CopyTo(destination);
            destination = destination[segment.Length..];
        }

        _incoming.Reader.AdvanceTo(slice.End);
        return count;
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Writes.Add(buffer.ToArray());
        var result = await _outgoing.Writer.WriteAsync(buffer, cancellationToken);
        if (result.IsCompleted)
        {
            throw new SwarmException("stream_reset", "The stream is reset.");
        }
    }

    public ValueTask CloseWriteAsync(CancellationToken cancellationToken = default) => _outgoing.Writer.CompleteAsync();

    public void Reset()
    {
        _outgoing.Writer.Complete();
        _incoming.Reader.Complete(new SwarmException("stream_reset", "The stream is reset."));
    }

    public ValueTask DisposeAsync()
    {
        _outgoing.Writer.Complete();
        return ValueTask.CompletedTask;
    }

    private void Feed(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_outgoing.Writer.GetSpan(Math.Max(1, bytes.Length)));
        _outgoing.Writer.Advance(bytes.Length);
        _outgoing.Writer.Complete();
    }
}
