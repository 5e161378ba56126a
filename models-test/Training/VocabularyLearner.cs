
using System.Text.RegularExpressions;

namespace ManagedSwarm.ModelsTest.Training;

/// <summary>
/// Byte pair encoding (Sennrich et al. 2016) over characters: the most frequent pair of neighbours within words becomes a piece, again and
/// again. The order of merges gives the scores, so that SentencePiece's way of merging makes them in the same order.
/// </summary>
public static partial class VocabularyLearner
{
    /// <summary>Learns the pieces.</summary>
    /// <param name="texts">Plain text, without control tokens.</param>
    /// <param name="count">How many pieces: the characters of ASCII, then merges.</param>
    public static IReadOnlyList<string> Learn(IEnumerable<string> texts, int count)
    {
        var pieces = new List<string> { VocabularyTable.Space.ToString() };
        pieces.AddRange(Enumerable.Range('!', '~' - '!' + 1).Select(character => ((char)character).ToString()));
        var words = Split(CountWords(texts));
        while (pieces.Count < count && MostFrequentPair(words) is { } pair)
        {
            // Two merges can give the same piece: t + he, th + e.
            if (!pieces.Contains(pair.Left + pair.Right))
            {
                pieces.Add(pair.Left + pair.Right);
            }

            foreach (var word in words)
            {
                Merge(word.Symbols, pair);
            }
        }

        return pieces.Count == count
            ? pieces
            : throw new ArgumentException($"the text has {pieces.Count} different pieces, fewer than the {count} that are asked for");
    }

    /// <summary>A word with the space before it, or a mark of punctuation: pieces do not cross their borders.</summary>
    [GeneratedRegex(" ?[A-Za-z]+| ?[^A-Za-z ]")]
    private static partial Regex Unit { get; }

    private static Dictionary<string, long> CountWords(IEnumerable<string> texts)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            foreach (var match in Unit.EnumerateMatches(text))
            {
                var word = text.Substring(match.Index, match.Length).Replace(' ', VocabularyTable.Space);
                counts[word] = counts.GetValueOrDefault(word) + 1;
            }
        }

        return counts;
    }

    private static List<Word> Split(Dictionary<string, long> counts) =>
        [.. counts.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => new Word([.. pair.Key.EnumerateRunes().Select(rune => rune.ToString())], pair.Value))];

    /// <summary>The most frequent; of equally frequent ones the first by its text, so that the result is always the same.</summary>
    private static (string Left, string Right)? MostFrequentPair(List<Word> words)
    {
        var counts = new Dictionary<(string Left, string Right), long>();
        foreach (var (symbols, count) in words)
        {
            for (var i = 1; i < symbols.Count; i++)
            {
                var pair = (symbols[i - 1], symbols[i]);
                counts[pair] = counts.GetValueOrDefault(pair) + count;
            }
        }

        return counts.Count == 0
            ? null
            : counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key.Left + ' ' + pair.Key.Right, StringComparer.Ordinal).First().Key;
    }

    private static void Merge(List<string> symbols, (string Left, string Right) pair)
    {
        for (var i = symbols.Count - 2; i >= 0; i--)
        {
            if (i + 1 < symbols.Count && symbols[i] == pair.Left && symbols[i + 1] == pair.Right)
            {
                symbols[i] += pair.Right;
                symbols.RemoveAt(i + 1);
            }
        }
    }

    private sealed record Word(List<string> Symbols, long Count);
}
