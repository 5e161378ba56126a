using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace ManagedSwarm.Transport.Libp2p.Wire;

/// <summary>
/// base64url without padding (RFC 4648, section 5; multibase 'u'), read in one form only: .NET's decoder also takes white space and
/// padding, and one of its methods throws at what is none.
/// </summary>
internal static class Base64UrlText
{
    /// <summary>The text of bytes.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);

    /// <summary>How long the text of so many bytes is.</summary>
    public static int LengthOf(int bytes) => (int)((bytes * 8L + 5) / 6);

    /// <summary>Where the first character stands that is no digit; negative: nowhere.</summary>
    public static int IndexOfForeign(ReadOnlySpan<char> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsAsciiLetterOrDigit(text[i]) && text[i] is not ('-' or '_'))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>The bytes of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="maxBytes">How many bytes there may be.</param>
    /// <param name="bytes">The bytes.</param>
    /// <returns>False: a character is no digit, there are more bytes, or bits are left over that are not zero.</returns>
    public static bool TryDecode(ReadOnlySpan<char> text, int maxBytes, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        if (text.Length > LengthOf(maxBytes) || IndexOfForeign(text) >= 0)
        {
            return false;
        }

        var buffer = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        if (Base64Url.DecodeFromChars(text, buffer, out _, out var written) == OperationStatus.Done
            && Encode(buffer.AsSpan(0, written)).AsSpan().SequenceEqual(text))
        {
            bytes = buffer[..written];
        }

        return bytes is not null;
    }
}
