namespace ManagedSwarm.Transport.Libp2p.Multistream;

/// <summary>
/// What a negotiation stands on: ordered bytes in both directions. A socket, a sealed channel and a multiplexed stream can all give it.
/// Who reads takes no more bytes than it asks for, so that whoever comes next finds the rest.
/// </summary>
internal interface IByteDuplex
{
    /// <summary>Reads what has come, at least one byte.</summary>
    /// <returns>How many bytes; 0: the other side has closed its direction.</returns>
    /// <exception cref="SwarmException"><c>connection_lost</c>, <c>invalid_message</c>, <c>stream_reset</c></exception>
    ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>Writes all bytes.</summary>
    /// <exception cref="SwarmException"><c>connection_lost</c>, <c>stream_reset</c></exception>
    ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken);
}
