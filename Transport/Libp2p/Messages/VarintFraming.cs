using System.Buffers;
using ManagedSwarm.Transport.Libp2p.Wire;

namespace ManagedSwarm.Transport.Libp2p.Messages;

/// <summary><c>uvarint(length) message</c>: libp2p's protocols.</summary>
internal sealed class VarintFraming : IMessageFraming
{
    public static VarintFraming Instance { get; } = new();

    public void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> message)
    {
        Varint.Write(output, (ulong)message.Length);
        output.Write(message);
    }

    /// <inheritdoc/>
    /// <exception cref="SwarmException"><c>invalid_message</c>, <c>message_too_large</c></exception>
    public bool TryTake(ref ReadOnlySequence<byte> buffer, int maxBytes, out ReadOnlySequence<byte> message)
    {
        message = default;
        switch (Varint.TryRead(buffer, out var length, out var head))
        {
            case OperationStatus.NeedMoreData:
                return false;
            case OperationStatus.InvalidData:
                throw new SwarmException("invalid_message", "A message of a stream cannot be read: its length is none.");
            default:
                break;
        }

        if (length > (ulong)maxBytes)
        {
            throw new SwarmException("message_too_large", $"A message of a stream has {length} bytes, allowed are {maxBytes}.");
        }

        if ((ulong)(buffer.Length - head) < length)
        {
            return false;
        }

        message = buffer.Slice(head, (long)length);
        buffer = buffer.Slice(message.End);
        return true;
    }
}
