namespace ManagedSwarm.Transport.Libp2p;

/// <summary>
/// What a multiplexer stands on: ordered bytes in both directions, sent in messages of a limited size that are sealed where they lie, so
/// that a message is one buffer from its header to the socket. How messages are cut does not matter to the receiver.
/// </summary>
internal interface IMessageChannel : IAsyncDisposable
{
    /// <summary>Bytes that a sender leaves free before its own.</summary>
    int HeadRoom { get; }

    /// <summary>Bytes that a sender leaves free behind its own.</summary>
    int TailRoom { get; }

    /// <summary>The most bytes of one message, rooms not counted.</summary>
    int MaxMessage { get; }

    /// <summary>Sends one message. One call at a time.</summary>
    /// <param name="message">Head room, bytes, tail room; what it holds is overwritten.</param>
    /// <param name="cancellationToken">Stops waiting; the channel is of no use afterwards.</param>
    /// <exception cref="SwarmException"><c>connection_lost</c></exception>
    ValueTask SendAsync(Memory<byte> message, CancellationToken cancellationToken);

    /// <summary>Receives what comes next. One call at a time.</summary>
    /// <returns>Bytes that are valid until the next call; none: the other side has closed.</returns>
    /// <exception cref="SwarmException"><c>connection_lost</c>, <c>invalid_message</c></exception>
    ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancellationToken);
}
