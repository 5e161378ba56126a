using System.Text;

namespace ManagedSwarm.Transport.Libp2p.Multistream;

/// <summary>
/// A line of multistream-select 1.0 (https://github.com/multiformats/multistream-select): <c>uvarint(length) text '\n'</c>, the length
/// counting the newline.
/// </summary>
internal static class MultistreamLine
{
    /// <summary>What both sides begin with.</summary>
    public const string Header = "/multistream/1.0.0";

    /// <summary>"Not available", the answer to a protocol that is not served.</summary>
    public const string NotAvailable = "na";

    /// <summary>Bytes of the longest line, its newline included: protocol ids are short, and a stranger's length is a wish.</summary>
    public const int MaxLength = 1024;

    // The continuation bit of an unsigned varint; two bytes reach to 16383.
    private const byte More = 0x80;

    private static readonly byte[] HeaderBytes = Encode([Header]);

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>The bytes of some lines in a row, followed by other bytes.</summary>
    /// <exception cref="ArgumentException">A line is too long, or has a newline.</exception>
    public static byte[] Encode(ReadOnlySpan<string> lines, ReadOnlySpan<byte> suffix = default)
    {
        using var bytes = new MemoryStream(64 + suffix.Length);
        foreach (var line in lines)
        {
            var text = Encoding.UTF8.GetBytes(line);
            var length = text.Length + 1;
            if (length > MaxLength || text.Contains((byte)'\n'))
            {
                throw new ArgumentException($"A protocol id is one line of at most {MaxLength - 1} bytes, not '{line}'.", nameof(lines));
            }

            if (length >= More)
            {
                bytes.WriteByte((byte)(length | More));
                length >>= 7;
            }

            bytes.WriteByte((byte)length);
            bytes.Write(text);
            bytes.WriteByte((byte)'\n');
        }

        bytes.Write(suffix);
        return bytes.ToArray();
    }

    /// <summary>
    /// Reads the header that the other side begins with, and no byte more. Already the first byte tells most of those who speak
    /// something else, or hide it with another key: no time is lost in waiting for a line of theirs.
    /// </summary>
    /// <exception cref="SwarmException">
    /// <c>invalid_message</c>: it is something else; <c>connection_lost</c>; and what reading can throw.
    /// </exception>
    public static async ValueTask ReadHeaderAsync(IByteDuplex duplex, CancellationToken cancellationToken)
    {
        var buffer = new byte[HeaderBytes.Length];
        await duplex.ReadExactlyAsync(buffer.AsMemory(0, 1), cancellationToken);
        if (buffer[0] == HeaderBytes[0])
        {
            await duplex.ReadExactlyAsync(buffer.AsMemory(1), cancellationToken);
        }

        if (!buffer.AsSpan().SequenceEqual(HeaderBytes))
        {
            throw new SwarmException("invalid_message", $"The other side does not begin with {Header}.");
        }
    }

    /// <summary>Reads one line and no byte more.</summary>
    /// <returns>The line without its newline.</returns>
    /// <exception cref="SwarmException">
    /// <c>invalid_message</c>: of no or too many bytes, more or less than one line, or not UTF-8; <c>connection_lost</c>; and what reading can throw.
    /// </exception>
    public static async ValueTask<string> ReadAsync(IByteDuplex duplex, CancellationToken cancellationToken)
    {
        var buffer = new byte[128];
        var length = await ReadLengthAsync(duplex, buffer.AsMemory(0, 1), cancellationToken);
        if (length > buffer.Length)
        {
            buffer = new byte[length];
        }

        await duplex.ReadExactlyAsync(buffer.AsMemory(0, length), cancellationToken);
        return Decode(buffer.AsSpan(0, length));
    }

    private static async ValueTask<int> ReadLengthAsync(IByteDuplex duplex, Memory<byte> one, CancellationToken cancellationToken)
    {
        await duplex.ReadExactlyAsync(one, cancellationToken);
        int length = one.Span[0];
        if (length >= More)
        {
            await duplex.ReadExactlyAsync(one, cancellationToken);
            // Longer than it needs to be, or going on in a third byte: what comes out is out of range.
            length = one.Span[0] == 0 ? 0 : (length & ~More) | (one.Span[0] << 7);
        }

        return length is > 0 and <= MaxLength
            ? length
            : throw new SwarmException("invalid_message", $"A multistream line has 1 to {MaxLength} bytes, its first bytes say {length}.");
    }

    private static string Decode(ReadOnlySpan<byte> line)
    {
        if (line.IndexOf((byte)'\n') != line.Length - 1)
        {
            throw new SwarmException("invalid_message", $"A multistream line of {line.Length} bytes does not end with its only newline.");
        }

        try
        {
            return StrictUtf8.GetString(line[..^1]);
        }
        catch (DecoderFallbackException exception)
        {
            throw new SwarmException("invalid_message", $"A multistream line of {line.Length} bytes is not UTF-8.", exception);
        }
    }
}
