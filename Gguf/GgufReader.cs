using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ManagedSwarm.Gguf;

/// <summary>Reads little-endian values from a file's first bytes, and never beyond them.</summary>
/// <param name="bytes">The file, or as much of its beginning as a header may have.</param>
/// <param name="isCut">Whether the file goes on after these bytes.</param>
/// <param name="path">The file's name for messages, if it has one.</param>
internal ref struct GgufReader(ReadOnlySpan<byte> bytes, bool isCut, string? path)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Where the next value begins, in bytes from the start of the file.</summary>
    public int Position { get; private set; }

    public readonly int Remaining => _bytes.Length - Position;

    public readonly string? Path => path;

    private readonly string Left => isCut ? $"{Remaining} are left of the {_bytes.Length} that a header may have" : $"{Remaining} are left";

    /// <summary>The next bytes, which must be there.</summary>
    public ReadOnlySpan<byte> Take(long count, string what)
    {
        if (count > Remaining)
        {
            Fail($"{what} needs {count} bytes, {Left}", Position);
        }

        var taken = _bytes.Slice(Position, (int)count);
        Position += (int)count;
        return taken;
    }

    public uint ReadUInt32(string what) => BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint), what));

    public ulong ReadUInt64(string what) => BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong), what));

    /// <summary>A number of things to come, each of which takes at least <paramref name="minimumBytes"/>.</summary>
    public int ReadCount(string what, int maximum, int minimumBytes)
    {
        var start = Position;
        var count = ReadUInt64(what);
        if (count > (ulong)maximum)
        {
            Fail($"{what} is {count}, at most {maximum} are allowed", start);
        }

        if ((long)count * minimumBytes > Remaining)
        {
            Fail($"{what} is {count}, which needs at least {(long)count * minimumBytes} bytes, {Left}", start);
        }

        return (int)count;
    }

    /// <summary>A string: its length in bytes, then UTF-8 without a terminator.</summary>
    public string ReadString(string what, int maximumBytes)
    {
        var length = ReadCount($"length of {what}", maximumBytes, 1);
        var start = Position;
        try
        {
            return StrictUtf8.GetString(Take(length, what));
        }
        catch (DecoderFallbackException exception)
        {
            throw new GgufFormatException($"{what} is not valid UTF-8", start + exception.Index, path, exception);
        }
    }

    [DoesNotReturn]
    public readonly void Fail(string reason, long offset) => throw new GgufFormatException(reason, offset, path);
}
