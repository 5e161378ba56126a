using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace ManagedSwarm.Server.Federation;

/// <summary>
/// The ids of a stream's tokens, as a comment before an event, which is for the router and goes no further.
/// </summary>
/// <remarks>
/// <code>
/// :tokens 17,4,1093;52        ids since the last comment; how long the reply's text is by now, in UTF-16 characters
/// data: {…}
/// </code>
/// </remarks>
internal static class TokenComment
{
    private static readonly byte[] Prefix = Encoding.ASCII.GetBytes(":tokens ");

    public static byte[] Write(IEnumerable<int> tokens, int textLength) =>
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $":tokens {string.Join(',', tokens)};{textLength}\n"));

    /// <summary>An event without the comment, which the reply notes.</summary>
    /// <exception cref="InvalidDataException">The comment is not as it should be.</exception>
    public static ReadOnlyMemory<byte> Strip(ReadOnlyMemory<byte> sent, RelayedReply reply)
    {
        if (!sent.Span.StartsWith(Prefix))
        {
            return sent;
        }

        var end = sent.Span.IndexOf((byte)'\n');
        var list = sent.Span[Prefix.Length..end];
        var separator = list.IndexOf((byte)';');
        if (separator < 0
            || !TryParse(list[..separator], out var tokens)
            || !Utf8Parser.TryParse(list[(separator + 1)..], out int textLength, out var read)
            || read != list.Length - separator - 1
            || textLength < 0)
        {
            throw new InvalidDataException("an instance's comment of tokens is not as expected");
        }

        reply.Note(tokens, textLength);
        return sent[(end + 1)..];
    }

    private static bool TryParse(ReadOnlySpan<byte> list, out List<int> tokens)
    {
        tokens = [];
        while (!list.IsEmpty)
        {
            if (!Utf8Parser.TryParse(list, out int token, out var length) || token < 0 || (length < list.Length && list[length..] is not [(byte)',', _, ..]))
            {
                return false;
            }

            tokens.Add(token);
            list = length < list.Length ? list[(length + 1)..] : [];
        }

        return true;
    }
}
