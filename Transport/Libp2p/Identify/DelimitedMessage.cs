using System.Buffers;
using ManagedSwarm.Transport.Libp2p.Sessions;
using ManagedSwarm.Transport.Libp2p.Wire;

namespace ManagedSwarm.Transport.Libp2p.Identify;

/// <summary>Messages on a stream, each with its length before it: <c>uvarint(length) message</c>.</summary>
internal static class DelimitedMessage
{
    public static ValueTask WriteAsync(IMuxStream stream, ReadOnlySpan<byte> message, CancellationToken cancellationToken)
    {
        var output = new ArrayBufferWriter<byte>(message.Length + Varint.MaxBytes);
        Varint.Write(output, (ulong)message.Length);
        output.Write(message);
        return stream.WriteAsync(output.WrittenMemory, cancellationToken);
    }

    /// <summary>Reads the next one.</summary>
    /// <param name="maxBytes">Of the longest one that is read.</param>
    /// <returns>Null: the other side has closed its direction.</returns>
    /// <exception cref="SwarmException"><c>invalid_message</c>: it is cut off or too long; <c>stream_reset</c></exception>
    public static async ValueTask<byte[]?> ReadAsync(IMuxStream stream, int maxBytes, CancellationToken cancellationToken)
    {
        var head = new byte[Varint.MaxBytes];
        for (var count = 1; ; count++)
        {
            if (await stream.ReadFullyAsync(head.AsMemory(count - 1, 1), cancellationToken) == 0)
            {
                return count == 1 ? null : throw Invalid("its length is cut off");
            }

            switch (Varint.TryRead(head.AsSpan(0, count), out var length, out _))
            {
                case OperationStatus.Done when length <= (ulong)maxBytes:
                    return await ReadBodyAsync(stream, (int)length, cancellationToken);
                case OperationStatus.Done:
                    throw Invalid($"it has {length} bytes, allowed are {maxBytes}");
                case OperationStatus.NeedMoreData when count < head.Length:
                    break;
                default:
                    throw Invalid("its length is none");
            }
        }
    }

    private static async ValueTask<byte[]> ReadBodyAsync(IMuxStream stream, int length, CancellationToken cancellationToken)
    {
        var message = new byte[length];
        var count = await stream.ReadFullyAsync(message, cancellationToken);
        return count == length ? message : throw Invalid($"it ends after {count} of {length} bytes");
    }

    private static SwarmException Invalid(string what) => new("invalid_message", $"A message of a stream cannot be read: {what}.");
}
