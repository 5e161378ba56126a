using System.Buffers;

namespace ManagedSwarm.Transport.Libp2p.Messages;

/// <summary>How messages are told apart on a stream.</summary>
internal interface IMessageFraming
{
    /// <summary>Writes a message with what stands before it.</summary>
    void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> message);

    /// <summary>Takes the first message, if all of it is there, off <paramref name="buffer"/>.</summary>
    /// <param name="buffer">What has come; begins behind the message afterwards.</param>
    /// <param name="maxBytes">The longest message that is taken. A longer one is refused before its bytes are waited for.</param>
    /// <param name="message">A part of the buffer, without what stands before it.</param>
    /// <exception cref="SwarmException">It is too long, or no message can begin so. The stream is of no more use.</exception>
    bool TryTake(ref ReadOnlySequence<byte> buffer, int maxBytes, out ReadOnlySequence<byte> message);
}
