using ManagedSwarm.Engine.Templates.Runtime;
using ManagedSwarm.Engine.Templates.Syntax;
using ManagedSwarm.Engine.Templates.Values;

namespace ManagedSwarm.Engine.Templates.Builtins;

/// <summary>What filters and methods of texts share. A negative limit means none, as in Python.</summary>
internal static class TextOperations
{
    /// <param name="characters">Which characters to strip; null: white space.</param>
    public static string Strip(string text, string? characters, bool atStart = true, bool atEnd = true)
    {
        Func<char, bool> isStripped = characters is null ? Character.IsSpace : c => characters.Contains(c, StringComparison.Ordinal);
        var (start, end) = (0, text.Length);
        while (atStart && start < end && isStripped(text[start]))
        {
            start++;
        }

        while (atEnd && end > start && isStripped(text[end - 1]))
        {
            end--;
        }

        return text[start..end];
    }

    public static string Replace(string text, string old, string replacement, int limit, RenderState state)
    {
        var output = new TextBuffer(state);
        var remaining = limit < 0 ? int.MaxValue : limit;
        var from = 0;
        if (old.Length == 0)
        {
            return ReplaceBetween(text, replacement, remaining, output);
        }

        for (int at; remaining > 0 && (at = text.IndexOf(old, from, StringComparison.Ordinal)) >= 0; remaining--)
        {
            state.Step();
            output.Append(text.AsSpan(from, at - from)).Append(replacement);
            from = at + old.Length;
        }

        return output.Append(text.AsSpan(from)).ToString();
    }

    /// <summary>Splits at a separator, from the right where asked.</summary>
    public static List<Value> Split(string text, string separator, int limit, bool fromRight, RenderState state)
    {
        if (separator.Length == 0)
        {
            throw TemplateFault.Value("empty separator");
        }

        var cuts = fromRight ? CutsFromRight(text, separator, limit, state) : CutsFromLeft(text, separator, limit, state);
        return [.. Pieces(text, cuts, separator.Length, state)];
    }

    /// <summary>Splits at runs of white space, of which none is left at the outer ends.</summary>
    public static List<Value> SplitWords(string text, int limit, bool fromRight, RenderState state)
    {
        var words = new List<(int Start, int End)>();
        for (var at = 0; at < text.Length;)
        {
            var start = at;
            while (start < text.Length && Character.IsSpace(text[start]))
            {
                start++;
            }

            at = start;
            while (at < text.Length && !Character.IsSpace(text[at]))
            {
                at++;
            }

            if (at > start)
            {
                state.Step();
                words.Add((start, at));
            }
        }

        if (limit >= 0 && words.Count > limit)
        {
            Limit(words, text, limit, fromRight);
        }

        return [.. words.Select(word => state.Text(text[word.Start..word.End]))];
    }

    public static List<Value> Lines(string text, bool keepEnds, RenderState state)
    {
        var lines = new List<Value>();
        for (var start = 0; start < text.Length;)
        {
            var end = start;
            while (end < text.Length && !Character.IsLineBreak(text[end]))
            {
                end++;
            }

            var next = end + 1 < text.Length && text[end] == '\r' && text[end + 1] == '\n' ? end + 2 : Math.Min(end + 1, text.Length);
            state.Step();
            lines.Add(state.Text(text[start..(keepEnds ? next : end)]));
            start = next;
        }

        return lines;
    }

    public static string Join(string separator, IEnumerable<string> parts, RenderState state)
    {
        var output = new TextBuffer(state);
        var isFirst = true;
        foreach (var part in parts)
        {
            output.Append(isFirst ? "" : separator).Append(part);
            isFirst = false;
        }

        return output.ToString();
    }

    /// <summary>Pads to a width in code points.</summary>
    public static string Pad(string text, int before, int after, string fill, RenderState state)
    {
        if (fill.Length != 1)
        {
            throw TemplateFault.Type("the fill character must be exactly one character long");
        }

        return new TextBuffer(state).Append(fill[0], before).Append(text).Append(fill[0], after).ToString();
    }

    /// <summary>Python's <c>center</c>: an odd blank goes to the left where the width is odd.</summary>
    public static string Center(string text, int width, string fill, RenderState state)
    {
        var missing = Math.Max(0, width - CodePoints.Count(text));
        var before = (missing / 2) + (missing & width & 1);
        return Pad(text, before, missing - before, fill, state);
    }

    /// <summary>An empty text is found before each character and at the end.</summary>
    private static string ReplaceBetween(string text, string replacement, int remaining, TextBuffer output)
    {
        foreach (var character in CodePoints.Each(text))
        {
            output.Append(remaining-- > 0 ? replacement : "").Append(character);
        }

        return output.Append(remaining > 0 ? replacement : "").ToString();
    }

    private static List<int> CutsFromLeft(string text, string separator, int limit, RenderState state)
    {
        var cuts = new List<int>();
        var start = 0;
        while ((limit < 0 || cuts.Count < limit) && text.IndexOf(separator, start, StringComparison.Ordinal) is var at and >= 0)
        {
            state.Step();
            cuts.Add(at);
            start = at + separator.Length;
        }

        return cuts;
    }

    private static List<int> CutsFromRight(string text, string separator, int limit, RenderState state)
    {
        var cuts = new List<int>();
        var end = text.Length;
        while ((limit < 0 || cuts.Count < limit) && text.AsSpan(0, end).LastIndexOf(separator) is var at and >= 0)
        {
            state.Step();
            cuts.Add(at);
            end = at;
        }

        cuts.Reverse();
        return cuts;
    }

    private static IEnumerable<Value> Pieces(string text, List<int> cuts, int separatorLength, RenderState state)
    {
        var start = 0;
        foreach (var cut in cuts)
        {
            yield return state.Text(text[start..cut]);
            start = cut + separatorLength;
        }

        yield return state.Text(text[start..]);
    }

    /// <summary>What is beyond the limit stays in one piece, with the white space inside it.</summary>
    private static void Limit(List<(int Start, int End)> words, string text, int limit, bool fromRight)
    {
        if (fromRight)
        {
            var end = words[words.Count - limit - 1].End;
            words.RemoveRange(0, words.Count - limit);
            words.Insert(0, (0, end));
            return;
        }

        var start = words[limit].Start;
        words.RemoveRange(limit, words.Count - limit);
        words.Add((start, text.Length));
    }
}
