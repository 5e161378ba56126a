using System.Diagnostics.CodeAnalysis;

namespace ManagedSwarm.Transport.Libp2p.Wire;

/// <summary>
/// base58btc (<see href="https://datatracker.ietf.org/doc/html/draft-msporny-base58-03">draft-msporny-base58</see>): bytes as one big
/// number in 58 digits that cannot be mistaken for each other; each leading zero byte is a leading '1'. The time is quadratic in the
/// length, so only short texts are read.
/// </summary>
internal static class Base58
{
    private const string Digits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

    /// <summary>The text of bytes.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        var zeros = LeadingOf(bytes, (byte)0);
        // log 256 / log 58 is a little less than 1.38.
        var digits = new byte[(bytes.Length - zeros) * 138 / 100 + 1];
        foreach (var value in bytes[zeros..])
        {
            MultiplyAdd(digits, 256, value, 58);
        }

        var number = digits.AsSpan(LeadingOf<byte>(digits, 0));
        Span<char> text = new char[zeros + number.Length];
        text[..zeros].Fill(Digits[0]);
        for (var i = 0; i < number.Length; i++)
        {
            text[zeros + i] = Digits[number[i]];
        }

        return new string(text);
    }

    /// <summary>The bytes of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="maxBytes">How many bytes there may be.</param>
    /// <param name="bytes">The bytes.</param>
    /// <returns>False: a character is no digit, or there are more bytes.</returns>
    public static bool TryDecode(ReadOnlySpan<char> text, int maxBytes, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        if (text.Length > maxBytes * 138 / 100 + 1)
        {
            return false;
        }

        // log 58 / log 256 is a little less than 0.733.
        var zeros = LeadingOf(text, Digits[0]);
        var number = new byte[(text.Length - zeros) * 733 / 1000 + 1];
        foreach (var digit in text[zeros..])
        {
            var value = Digits.IndexOf(digit);
            if (value < 0)
            {
                return false;
            }

            MultiplyAdd(number, 58, value, 256);
        }

        bytes = [.. new byte[zeros], .. number.AsSpan(LeadingOf<byte>(number, 0))];
        return bytes.Length <= maxBytes;
    }

    // number * factor + addend, where number is big-endian in the given base.
    private static void MultiplyAdd(Span<byte> number, int factor, int addend, int radix)
    {
        for (var i = number.Length - 1; i >= 0; i--)
        {
            addend += number[i] * factor;
            number[i] = (byte)(addend % radix);
            addend /= radix;
        }
    }

    private static int LeadingOf<T>(ReadOnlySpan<T> values, T value)
        where T : IEquatable<T>
    {
        var other = values.IndexOfAnyExcept(value);
        return other < 0 ? values.Length : other;
    }
}
