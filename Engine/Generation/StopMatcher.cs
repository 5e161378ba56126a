using System.Text;

namespace ManagedSwarm.Engine.Generation;

/// <summary>
/// Finds the first of several stop texts in text that comes in pieces. Text that may yet become one is held back, all other is let through.
/// First is the one that is complete first (the longest of those that end together), whatever the pieces: so a reply does not depend on
/// how its text was cut into tokens. One automaton per text (Knuth, Morris and Pratt, 1977): its state is how much of it has been seen,
/// which is also what must be held back.
/// </summary>
internal sealed class StopMatcher
{
    private readonly Pattern[] _patterns;
    private readonly StringBuilder _held = new();
    private int _partial;

    public StopMatcher(IReadOnlyList<string> stops) => _patterns = [.. stops.Select(stop => new Pattern(stop))];

    /// <summary>Whether a stop text was found; there is no more to append then.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Takes a piece of text, and returns what is certain not to belong to a stop text.</summary>
    public string Append(string text)
    {
        if (_patterns.Length == 0)
        {
            return text;
        }

        foreach (var character in text)
        {
            _held.Append(character);
            (_partial, var whole) = Advance(character);
            if (whole > 0)
            {
                IsStopped = true;
                return Release(whole);
            }
        }

        return Release(_partial);
    }

    /// <summary>The end of the text has come: what was held back is text after all.</summary>
    public string Flush() => IsStopped ? string.Empty : Release(0);

    private (int Partial, int Whole) Advance(char character)
    {
        var (partial, whole) = (0, 0);
        foreach (var pattern in _patterns)
        {
            var seen = pattern.Advance(character);
            partial = Math.Max(partial, seen);
            whole = Math.Max(whole, seen == pattern.Length ? seen : 0);
        }

        return (partial, whole);
    }

    /// <summary>Lets all but the last <paramref name="count"/> characters go.</summary>
    private string Release(int count)
    {
        var text = _held.ToString(0, _held.Length - count);
        _held.Remove(0, text.Length);
        return text;
    }

    private sealed class Pattern
    {
        private readonly string _text;
        private readonly int[] _borders;
        private int _seen;

        public Pattern(string text)
        {
            _text = text;
            _borders = new int[text.Length + 1];
            for (var i = 1; i < text.Length; i++)
            {
                _borders[i + 1] = Extend(_borders[i], text[i]);
            }
        }

        public int Length => _text.Length;

        /// <summary>The length of the longest beginning of the pattern that the text now ends with.</summary>
        public int Advance(char character) => _seen = Extend(_seen, character);

        private int Extend(int seen, char character)
        {
            while (seen > 0 && _text[seen] != character)
            {
                seen = _borders[seen];
            }

            return _text[seen] == character ? seen + 1 : 0;
        }
    }
}
