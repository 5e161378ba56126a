using System.Buffers;
using System.Text;
using MessagePack;

namespace ManagedSwarm.Transport.Frames;

/// <summary>
/// Reads a frame's values, which a peer sent and nobody believes: each error is an <c>invalid_frame</c> or <c>frame_too_large</c> that
/// names the value, and no length is followed before it is held against the limits and against what is left of the frame.
/// </summary>
internal ref struct FrameDecoder
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly FrameLimits _limits;
    private MessagePackReader _reader;

    /// <param name="frame">Without its prefix.</param>
    /// <param name="limits">What it may ask for.</param>
    public FrameDecoder(in ReadOnlySequence<byte> frame, FrameLimits limits)
    {
        _limits = limits;
        _reader = new MessagePackReader(frame);
    }

    /// <summary>The kind of a frame, for those who read several; may be one that this program does not know.</summary>
    /// <exception cref="SwarmException"><c>invalid_frame</c></exception>
    public static FrameKind KindOf(in ReadOnlySequence<byte> frame) =>
        (FrameKind)new FrameDecoder(frame, FrameLimits.Default).ReadInt32("kind");

    /// <summary>Reads the kind, the first value of each frame.</summary>
    /// <exception cref="SwarmException"><c>invalid_frame</c>: it is another one.</exception>
    public void RequireKind(FrameKind expected)
    {
        var found = (FrameKind)ReadInt32("kind");
        if (found != expected)
        {
            throw FrameErrors.Invalid($"found is one of kind {found}; expected is {expected}");
        }
    }

    /// <summary>Reads the kind, where it may be one of two.</summary>
    /// <exception cref="SwarmException"><c>invalid_frame</c>: it is another one.</exception>
    public FrameKind ReadKind(FrameKind one, FrameKind other)
    {
        var found = (FrameKind)ReadInt32("kind");
        return found == one || found == other ? found : throw FrameErrors.Invalid($"found is one of kind {found}; expected is {one} or {other}");
    }

    public int ReadInt32(string name)
    {
        try
        {
            return _reader.ReadInt32();
        }
        catch (Exception exception) when (IsMalformed(exception))
        {
            throw Malformed(name, "an integer of 32 bits", exception);
        }
    }

    public long ReadInt64(string name)
    {
        try
        {
            return _reader.ReadInt64();
        }
        catch (Exception exception) when (IsMalformed(exception))
        {
            throw Malformed(name, "an integer of 64 bits", exception);
        }
    }

    public uint ReadUInt32(string name)
    {
        try
        {
            return _reader.ReadUInt32();
        }
        catch (Exception exception) when (IsMalformed(exception))
        {
            throw Malformed(name, "an integer of 32 bits without sign", exception);
        }
    }

    public ulong ReadUInt64(string name)
    {
        try
        {
            return _reader.ReadUInt64();
        }
        catch (Exception exception) when (IsMalformed(exception))
        {
            throw Malformed(name, "an integer of 64 bits without sign", exception);
        }
    }

    public bool ReadBoolean(string name)
    {
        try
        {
            return _reader.ReadBoolean();
        }
        catch (Exception exception) when (IsMalformed(exception))
        {
            throw Malformed(name, "true or false", exception);
        }
    }

    /// <summary>Reads nil, if that comes next.</summary>
    public bool TryReadNil() => !_reader.End && _reader.TryReadNil();

    /// <summary>Reads the head of an array.</summary>
    /// <returns>How many elements follow; never more than there are bytes left.</returns>
    public int ReadArrayLength(string name)
    {
        try
        {
            return Capped(name, _reader.ReadArrayHeader(), _limits.MaxArrayLength);
        }
        catch (Exception exception) when (IsMalformed(exception))
        {
            throw Malformed(name, "an array", exception);
        }
    }

    /// <summary>Reads the head of an array that has a fixed number of elements.</summary>
    public void RequireArrayLength(string name, int expected)
    {
        var found = ReadArrayLength(name);
        if (found != expected)
        {
            throw FrameErrors.Invalid($"{name} has {found} elements; expected are {expected}");
        }
    }

    public string ReadString(string name)
    {
        try
        {
            var bytes = _reader.ReadStringSequence() ?? throw FrameErrors.Invalid($"{name} is nil; expected is a string");
            Capped(name, bytes.Length, _limits.MaxStringBytes);
            return Utf8.GetString(bytes);
        }
        catch (Exception exception) when (IsMalformed(exception))
        {
            throw Malformed(name, "a string in UTF-8", exception);
        }
    }

    /// <summary>Reads a binary value.</summary>
    /// <returns>Its bytes, where they lie in the frame.</returns>
    public ReadOnlySequence<byte> ReadBinary(string name)
    {
        try
        {
            // The reader would take a string for one, as the format's first version had no binary.
            return _reader.NextMessagePackType is MessagePackType.Binary && _reader.ReadBytes() is { } bytes
                ? Capped(name, bytes)
                : throw FrameErrors.Invalid($"{name} is not a binary value");
        }
        catch (Exception exception) when (IsMalformed(exception))
        {
            throw Malformed(name, "a binary value", exception);
        }
    }

    /// <summary>Passes over one value, whatever it is; deep nesting costs no stack.</summary>
    public void Skip(string name)
    {
        try
        {
            for (var left = 1L; left > 0; left--)
            {
                left += SkipOne(name);
            }
        }
        catch (Exception exception) when (IsMalformed(exception))
        {
            throw Malformed(name, "a value", exception);
        }
    }

    /// <exception cref="SwarmException"><c>invalid_frame</c>: there is more.</exception>
    public readonly void RequireEnd()
    {
        if (!_reader.End)
        {
            throw FrameErrors.Invalid($"its values end at byte {_reader.Consumed} of {_reader.Sequence.Length}");
        }
    }

    /// <returns>How many values it holds, which come next.</returns>
    private long SkipOne(string name)
    {
        switch (_reader.NextMessagePackType)
        {
            case MessagePackType.Array:
                return ReadArrayLength(name);
            case MessagePackType.Map:
                return 2L * Capped(name, _reader.ReadMapHeader(), _limits.MaxArrayLength);
            case MessagePackType.Extension:
                _reader.ReadExtensionFormat();
                return 0;
            case MessagePackType.Unknown:
                throw FrameErrors.Invalid($"{name} begins with the byte {_reader.NextCode}, which no value does");
            default:
                _reader.Skip();
                return 0;
        }
    }

    private static int Capped(string name, int found, int allowed)
    {
        Capped(name, (long)found, allowed);
        return found;
    }

    private readonly ReadOnlySequence<byte> Capped(string name, in ReadOnlySequence<byte> bytes)
    {
        Capped(name, bytes.Length, _limits.MaxBinaryBytes);
        return bytes;
    }

    private static void Capped(string name, long found, int allowed)
    {
        if (found > allowed)
        {
            throw FrameErrors.TooLarge(name, found, allowed);
        }
    }

    private readonly SwarmException Malformed(string name, string expected, Exception exception) =>
        FrameErrors.Invalid(
            $"{name}, at byte {_reader.Consumed} of {_reader.Sequence.Length}, is not {expected}: {exception.Message}",
            exception);

    /// <summary>
    /// What MessagePack's reader and the decoder of UTF-8 throw at bytes that are not as they should be. The reader takes lengths from
    /// 2^31 on for negative ones, which is an ArgumentException; a DecoderFallbackException is one, too.
    /// </summary>
    private static bool IsMalformed(Exception exception) =>
        exception is MessagePackSerializationException or EndOfStreamException or OverflowException or ArgumentException;
}
