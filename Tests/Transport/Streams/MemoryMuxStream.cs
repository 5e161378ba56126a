using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Tests.Transport.Streams;

/// <summary>
/// One end of a stream in memory, with the contract of a real one: bounded, half-closing, and a reset loses what is under way.
/// </summary>
internal sealed class MemoryMuxStream : IMuxStream
{
    private readonly MemoryDirection _incoming;
    private readonly MemoryDirection _outgoing;
    private readonly Action? _disposed;
    private int _isDisposed;

    private MemoryMuxStream(string protocolId, MemoryDirection incoming, MemoryDirection outgoing, Action? disposed)
    {
        ProtocolId = protocolId;
        _incoming = incoming;
        _outgoing = outgoing;
        _disposed = disposed;
    }

    public string ProtocolId { get; }

    public PeerId RemotePeer { get; } = MemoryNetwork.Peer;

    public bool IsReset => _outgoing.IsReset;

    public bool IsDisposed => Volatile.Read(ref _isDisposed) != 0;

    /// <param name="protocolId">The protocol of both ends.</param>
    /// <param name="capacity">Bytes that each direction holds.</param>
    /// <param name="disposed">Is told once for each end.</param>
    public static (MemoryMuxStream One, MemoryMuxStream Other) Pair(string protocolId = "/test/1.0.0", int capacity = 64 << 10, Action? disposed = null)
    {
        var (there, back) = (new MemoryDirection(capacity), new MemoryDirection(capacity));
        return (new(protocolId, back, there, disposed), new(protocolId, there, back, disposed));
    }

    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Assert.False(buffer.IsEmpty, "a read of no bytes, which the contract does not know");
        return _incoming.ReadAsync(buffer, cancellationToken);
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        _outgoing.WriteAsync(buffer, cancellationToken);

    public ValueTask CloseWriteAsync(CancellationToken cancellationToken = default)
    {
        _outgoing.End();
        return ValueTask.CompletedTask;
    }

    public void Reset()
    {
        _outgoing.Reset();
        _incoming.Reset();
    }

    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            if (!_incoming.IsEnded || !_outgoing.IsEnded)
            {
                Reset();
            }

            _disposed?.Invoke();
        }

        return ValueTask.CompletedTask;
    }
}
