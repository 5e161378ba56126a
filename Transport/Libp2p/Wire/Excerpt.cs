namespace ManagedSwarm.Transport.Libp2p.Wire;

/// <summary>Foreign text as it may stand in an error: short, and without anything that would draw on a terminal or break a log's line.</summary>
internal static class Excerpt
{
    private const int MaxChars = 80;

    public static string Of(ReadOnlySpan<char> text)
    {
        Span<char> shown = stackalloc char[Math.Min(text.Length, MaxChars)];
        for (var i = 0; i < shown.Length; i++)
        {
            shown[i] = text[i] is >= ' ' and <= '~' ? text[i] : '?';
        }

        return text.Length > MaxChars ? $"{shown}..." : new string(shown);
    }
}
