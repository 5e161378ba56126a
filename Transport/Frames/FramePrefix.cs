using System.Buffers;
using System.Buffers.Binary;

namespace ManagedSwarm.Transport.Frames;

/// <summary>Cuts a stream of bytes into frames.</summary>
/// <remarks>
/// <code>
/// offset  bytes  what
/// 0       4      n: length of what follows, u32 little endian; 1 to the reader's limit
/// 4       n      MessagePack values one behind the other, without an array around them:
///                  int   the frame's kind (FrameKind)
///                  ...   the kind's header
///                  bin   raw bytes, in kinds that have them; always the last value
/// </code>
/// The prefix has a fixed size, so that it can be written in front of a header whose size is known only afterwards.
/// MessagePack: https://github.com/msgpack/msgpack/blob/master/spec.md
/// </remarks>
internal static class FramePrefix
{
    /// <summary>Bytes in front of a frame.</summary>
    public const int Size = sizeof(uint);

    public static void Write(Span<byte> destination, int length) => BinaryPrimitives.WriteUInt32LittleEndian(destination, (uint)length);

    /// <summary>Takes the first frame, if all of it is there, off <paramref name="buffer"/>.</summary>
    /// <param name="buffer">What has come; begins behind the frame afterwards.</param>
    /// <param name="maxBytes">The longest frame that is taken, in bytes behind its prefix.</param>
    /// <param name="frame">The frame without its prefix.</param>
    /// <exception cref="SwarmException"><c>frame_too_large</c>, <c>invalid_frame</c>: it is empty.</exception>
    public static bool TryTake(ref ReadOnlySequence<byte> buffer, int maxBytes, out ReadOnlySequence<byte> frame)
    {
        frame = default;
        if (!TryReadLength(buffer, out var length))
        {
            return false;
        }

        if (length > maxBytes)
        {
            throw FrameErrors.TooLarge("a frame", length, maxBytes);
        }

        if (length == 0)
        {
            throw FrameErrors.Invalid("it has no bytes; expected is at least one value");
        }

        if (buffer.Length < Size + length)
        {
            return false;
        }

        frame = buffer.Slice(Size, length);
        buffer = buffer.Slice(frame.End);
        return true;
    }

    /// <summary>The length of the frame that begins here; false: not even that is there.</summary>
    public static bool TryReadLength(in ReadOnlySequence<byte> buffer, out uint length)
    {
        length = 0;
        if (BinaryPrimitives.TryReadUInt32LittleEndian(buffer.FirstSpan, out length))
        {
            return true;
        }

        if (buffer.Length < Size)
        {
            return false;
        }

        Span<byte> prefix = stackalloc byte[Size];
        buffer.Slice(0, Size).CopyTo(prefix);
        length = BinaryPrimitives.ReadUInt32LittleEndian(prefix);
        return true;
    }
}
