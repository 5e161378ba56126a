using System.Buffers;
using System.Collections;
using System.Text;

namespace ManagedSwarm.Engine.Tokenization;

/// <summary>A part of a text: plain, or a special token.</summary>
/// <param name="Start">Where it begins, in UTF-16.</param>
/// <param name="Length">Its length, in UTF-16.</param>
/// <param name="Token">The special token; null: plain text.</param>
internal readonly record struct TextPart(int Start, int Length, int? Token);

/// <summary>
/// Finds a set of tokens by their texts. Where occurrences overlap, the longest token (in UTF-8) wins, then the leftmost: what
/// llama.cpp gets by cutting the text at each token in turn, longest first, but in one walk over the text.
/// </summary>
internal sealed class SpecialTokenMatcher
{
    private readonly Dictionary<(int Node, char Next), int> _edges = [];
    private readonly List<Entry> _nodes = [default];
    private readonly SearchValues<char> _firsts;
    private readonly int _longest;

    /// <param name="tokens">The tokens to find; empty texts are never found.</param>
    /// <param name="texts">(tokens of the vocabulary)</param>
    public SpecialTokenMatcher(IEnumerable<int> tokens, string[] texts)
    {
        foreach (var token in tokens.Where(token => texts[token].Length > 0))
        {
            var length = Encoding.UTF8.GetByteCount(texts[token]);
            Insert(texts[token], token, length);
            _longest = Math.Max(_longest, length);
        }

        _firsts = SearchValues.Create([.. _edges.Keys.Where(edge => edge.Node == 0).Select(edge => edge.Next)]);
    }

    /// <summary>The text in parts, in order.</summary>
    public List<TextPart> Partition(ReadOnlySpan<char> text)
    {
        var found = Choose(text);
        var parts = new List<TextPart>((found.Count * 2) + 1);
        var end = 0;
        foreach (var part in found)
        {
            if (part.Start > end)
            {
                parts.Add(new TextPart(end, part.Start - end, null));
            }

            parts.Add(part);
            end = part.Start + part.Length;
        }

        if (end < text.Length)
        {
            parts.Add(new TextPart(end, text.Length - end, null));
        }

        return parts;
    }

    /// <summary>The next place at or after <paramref name="start"/> where a token's text begins; -1 if there is none.</summary>
    public int NextOccurrence(ReadOnlySpan<char> text, int start)
    {
        while (start < text.Length)
        {
            var offset = text[start..].IndexOfAny(_firsts);
            if (offset < 0)
            {
                return -1;
            }

            start += offset;
            if (Longest(text, start, int.MaxValue).Utf8Length > 0)
            {
                return start;
            }

            start++;
        }

        return -1;
    }

    private void Insert(string text, int token, int utf8Length)
    {
        var node = 0;
        foreach (var next in text)
        {
            if (!_edges.TryGetValue((node, next), out var child))
            {
                child = _nodes.Count;
                _nodes.Add(default);
                _edges.Add((node, next), child);
            }

            node = child;
        }

        Rune.DecodeFromUtf16(text, out _, out var firstLength);
        _nodes[node] = new Entry(token, text.Length, utf8Length, text.Length == firstLength);
    }

    /// <summary>The occurrences that win. Candidates wait by length; one whose end is taken comes back as the next shorter token.</summary>
    private List<TextPart> Choose(ReadOnlySpan<char> text)
    {
        var waiting = new List<int>?[_longest + 1];
        for (var start = NextOccurrence(text, 0); start >= 0; start = NextOccurrence(text, start + 1))
        {
            Wait(waiting, text, start, int.MaxValue);
        }

        var chosen = new List<TextPart>();
        // (text): which characters belong to a chosen token. A chosen one is at least as long as any later candidate, so that an
        // overlap always covers the candidate's first or last character.
        var taken = new BitArray(text.Length);
        for (var length = _longest; length > 0; length--)
        {
            waiting[length]?.Sort();
            foreach (var start in waiting[length] ?? [])
            {
                var entry = Longest(text, start, length + 1);
                if (taken[start])
                {
                    continue;
                }

                if (taken[start + entry.Length - 1])
                {
                    Wait(waiting, text, start, length);
                    continue;
                }

                for (var i = start; i < start + entry.Length; i++)
                {
                    taken[i] = true;
                }

                chosen.Add(new TextPart(start, entry.Length, entry.Token));
            }
        }

        chosen.Sort((a, b) => a.Start.CompareTo(b.Start));
        return chosen;
    }

    private void Wait(List<int>?[] waiting, ReadOnlySpan<char> text, int start, int below)
    {
        var length = Longest(text, start, below).Utf8Length;
        if (length > 0)
        {
            (waiting[length] ??= []).Add(start);
        }
    }

    /// <summary>The longest token at a place, of fewer than <paramref name="below"/> bytes of UTF-8; of length 0 if there is none.</summary>
    private Entry Longest(ReadOnlySpan<char> text, int start, int below)
    {
        var longest = default(Entry);
        var node = 0;
        for (var i = start; i < text.Length && _edges.TryGetValue((node, text[i]), out node); i++)
        {
            var entry = _nodes[node];
            // A token of one character cannot have a mark inside, so the mark behind it counts.
            var isGuarded = entry.IsOneCharacter && i + 1 < text.Length && text[i + 1] == PromptGuard.Mark;
            if (entry.Utf8Length > 0 && entry.Utf8Length < below && !isGuarded)
            {
                longest = entry;
            }
        }

        return longest;
    }

    private readonly record struct Entry(int Token, int Length, int Utf8Length, bool IsOneCharacter);
}
