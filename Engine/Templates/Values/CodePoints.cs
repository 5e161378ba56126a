using System.Text;

namespace ManagedSwarm.Engine.Templates.Values;

/// <summary>Python's view of a text as code points. A lone surrogate counts as one.</summary>
internal static class CodePoints
{
    public static int Count(string text)
    {
        var count = text.Length;
        for (var at = NextPair(text, 0); at >= 0; at = NextPair(text, at + 2))
        {
            count--;
        }

        return count;
    }

    /// <summary>The text of some code points.</summary>
    public static string Slice(string text, int start, int count)
    {
        if (NextPair(text, 0) < 0)
        {
            return text.Substring(start, count);
        }

        var from = Offset(text, 0, start);
        return text[from..Offset(text, from, count)];
    }

    /// <summary>The text of code points in any order.</summary>
    public static string Pick(string text, IEnumerable<int> indices)
    {
        var picked = new StringBuilder();
        var offsets = NextPair(text, 0) < 0 ? null : Offsets(text);
        foreach (var index in indices)
        {
            var at = offsets?[index] ?? index;
            picked.Append(text, at, IsPair(text, at) ? 2 : 1);
        }

        return picked.ToString();
    }

    public static IEnumerable<string> Each(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            var length = IsPair(text, at) ? 2 : 1;
            yield return text.Substring(at, length);
            at += length;
        }
    }

    /// <summary>Which code point starts at (or covers) an offset.</summary>
    public static int IndexOf(string text, int offset) => Count(text[..offset]);

    /// <summary>Compares by code points; UTF-16 would sort U+10000 before U+E000.</summary>
    public static int Compare(string left, string right)
    {
        var same = left.AsSpan().CommonPrefixLength(right);
        if (same == left.Length || same == right.Length)
        {
            return left.Length.CompareTo(right.Length);
        }

        var (l, r) = (left[same], right[same]);
        return char.IsSurrogate(l) != char.IsSurrogate(r) ? char.IsSurrogate(l).CompareTo(char.IsSurrogate(r)) : l.CompareTo(r);
    }

    /// <summary>The offset of the code point that is <paramref name="count"/> after the one at <paramref name="offset"/>.</summary>
    private static int Offset(string text, int offset, int count)
    {
        for (; count > 0; count--)
        {
            offset += IsPair(text, offset) ? 2 : 1;
        }

        return offset;
    }

    private static int[] Offsets(string text)
    {
        var offsets = new int[Count(text)];
        for (var i = 1; i < offsets.Length; i++)
        {
            offsets[i] = Offset(text, offsets[i - 1], 1);
        }

        return offsets;
    }

    private static int NextPair(string text, int from)
    {
        while (from < text.Length)
        {
            var at = text.AsSpan(from).IndexOfAnyInRange('\uD800', '\uDBFF');
            if (at < 0)
            {
                return -1;
            }

            if (IsPair(text, from + at))
            {
                return from + at;
            }

            from += at + 1;
        }

        return -1;
    }

    private static bool IsPair(string text, int at) => char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]);
}
