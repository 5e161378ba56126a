using System.Globalization;
using System.Text;
using ManagedSwarm.Engine.Generation;

namespace ManagedSwarm.Server.OpenAi;

/// <summary>Tokens and log-probabilities as JSON can hold them.</summary>
internal static class TokenText
{
    /// <summary>What OpenAI writes for a probability of zero, whose logarithm JSON has no number for.</summary>
    private const float Impossible = -9999f;

    /// <summary>
    /// The token's text; where its bytes are not whole characters, <c>bytes:\xe2\x80</c> as OpenAI writes it, so that different tokens
    /// stay different.
    /// </summary>
    public static string Of(ReadOnlySpan<byte> bytes)
    {
        if (System.Text.Unicode.Utf8.IsValid(bytes))
        {
            return Encoding.UTF8.GetString(bytes);
        }

        var text = new StringBuilder("bytes:");
        foreach (var value in bytes)
        {
            text.Append(CultureInfo.InvariantCulture, $"\\x{value:x2}");
        }

        return text.ToString();
    }

    public static int[] BytesOf(ReadOnlySpan<byte> bytes)
    {
        var numbers = new int[bytes.Length];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = bytes[i];
        }

        return numbers;
    }

    /// <summary>The log-probability, or OpenAI's stand-in where it is not a number.</summary>
    public static float Finite(float logProb) => float.IsFinite(logProb) ? logProb : Impossible;

    /// <summary>How many characters (code points) begin in these bytes.</summary>
    public static int CountCharacterStarts(ReadOnlySpan<byte> bytes)
    {
        var count = 0;
        foreach (var value in bytes)
        {
            count += IsContinuation(value) ? 0 : 1;
        }

        return count;
    }

    /// <summary>Whether the byte goes on with a character that an earlier one began.</summary>
    public static bool IsContinuation(byte value) => (value & 0xC0) == 0x80;

    /// <summary>The log-probabilities of a chat reply's tokens; null where none were asked for.</summary>
    public static ChatLogProbs? ToChat(IReadOnlyList<GeneratedToken> tokens, bool asked) => !asked ? null : new([.. tokens.Select(token =>
        new ChatTokenLogProb(
            Of(token.Bytes.Span), Finite(token.LogProb), BytesOf(token.Bytes.Span),
            [.. token.Top.Select(top => new ChatTopLogProb(Of(top.Bytes.Span), Finite(top.LogProb), BytesOf(top.Bytes.Span)))]))]);
}
