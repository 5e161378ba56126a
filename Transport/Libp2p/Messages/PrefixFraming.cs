using System.Buffers;
using ManagedSwarm.Transport.Frames;

namespace ManagedSwarm.Transport.Libp2p.Messages;

/// <summary>A length of four bytes, little-endian, before each message (<see cref="FramePrefix"/>): this program's protocols.</summary>
internal sealed class PrefixFraming : IMessageFraming
{
    public static PrefixFraming Instance { get; } = new();

    public void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> message)
    {
        FramePrefix.Write(output.GetSpan(FramePrefix.Size), message.Length);
        output.Advance(FramePrefix.Size);
        output.Write(message);
    }

    /// <inheritdoc/>
    /// <exception cref="SwarmException"><c>invalid_frame</c>, <c>frame_too_large</c></exception>
    public bool TryTake(ref ReadOnlySequence<byte> buffer, int maxBytes, out ReadOnlySequence<byte> message) =>
        FramePrefix.TryTake(ref buffer, maxBytes, out message);
}
