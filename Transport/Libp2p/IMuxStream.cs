namespace ManagedSwarm.Transport.Libp2p;

/// <summary>
/// One of many independent streams of bytes over a connection, in both directions. One reader and one writer may be active at a time.
/// Disposing a stream that is not closed in both directions resets it.
/// </summary>
public interface IMuxStream : IAsyncDisposable
{
    /// <summary>The protocol that was agreed on.</summary>
    string ProtocolId { get; }

    /// <summary>Who is at the other end, as its handshake proved.</summary>
    PeerId RemotePeer { get; }

    /// <summary>Reads what has come, at least one byte.</summary>
    /// <returns>How many bytes; 0: the other side has closed its direction.</returns>
    /// <exception cref="SwarmException"><c>stream_reset</c>: by the other side, or with its connection.</exception>
    ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default);

    /// <summary>Writes all bytes; waits while the other side takes none.</summary>
    /// <exception cref="SwarmException"><c>stream_reset</c></exception>
    ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default);

    /// <summary>Closes this side's direction; the other side reads to the end.</summary>
    ValueTask CloseWriteAsync(CancellationToken cancellationToken = default);

    /// <summary>Ends both directions at once, what is under way is lost.</summary>
    void Reset();
}
