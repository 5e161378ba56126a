using System.Diagnostics.CodeAnalysis;

namespace ManagedSwarm.Transport.Libp2p.Wire;

/// <summary>base32 with lower-case letters and without padding (RFC 4648, section 6; multibase 'b').</summary>
internal static class Base32
{
    private const string Digits = "abcdefghijklmnopqrstuvwxyz234567";

    /// <summary>The text of bytes.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        var text = new char[(bytes.Length * 8 + 4) / 5];
        for (var i = 0; i < text.Length; i++)
        {
            // The five bits lie in one byte or in two.
            var (first, shift) = (i * 5 / 8, 11 - i * 5 % 8);
            var pair = (bytes[first] << 8) | (first + 1 < bytes.Length ? bytes[first + 1] : 0);
            text[i] = Digits[(pair >> shift) & 31];
        }

        return new string(text);
    }

    /// <summary>The bytes of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="maxBytes">How many bytes there may be.</param>
    /// <param name="bytes">The bytes.</param>
    /// <returns>False: a character is no digit, there are more bytes, or bits are left over that are not zero.</returns>
    public static bool TryDecode(ReadOnlySpan<char> text, int maxBytes, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        var spare = text.Length * 5L % 8;
        if (text.Length * 5L / 8 > maxBytes || spare >= 5)
        {
            return false;
        }

        var result = new byte[text.Length * 5 / 8];
        var (bits, count, written) = (0, 0, 0);
        foreach (var digit in text)
        {
            var value = Digits.IndexOf(digit);
            if (value < 0)
            {
                return false;
            }

            bits = ((bits << 5) | value) & 0xFFF;
            count += 5;
            if (count >= 8)
            {
                count -= 8;
                result[written++] = (byte)(bits >> count);
            }
        }

        bytes = (bits & ((1 << count) - 1)) == 0 ? result : null;
        return bytes is not null;
    }
}
