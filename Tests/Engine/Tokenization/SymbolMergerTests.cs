using System.Text;

namespace ManagedSwarm.Tests.Engine.Tokenization;

public class SymbolMergerTests
{
    [Fact]
    public void Byte_level_merges_are_those_of_the_plain_algorithm()
    {
        var random = new Random(4);
        for (var round = 0; round < 200; round++)
        {
            var merges = RandomMerges(random);
            var tokenizer = TinyVocabulary.ByteLevel(merges).Make();
            var ranks = merges.Select((merge, rank) => (merge, rank)).ToDictionary(pair => pair.merge, pair => pair.rank);
            var text = Word(random, random.Next(1, 60));
            var expected = MergePlainly(text, (left, right) => ranks.TryGetValue($"{left} {right}", out var rank) ? rank : null);
            Assert.Equal(expected, tokenizer.Encode(text, false, false).Select(tokenizer.GetPiece));
        }
    }

    [Fact]
    public void Sentencepiece_merges_are_those_of_the_plain_algorithm()
    {
        var random = new Random(5);
        for (var round = 0; round < 200; round++)
        {
            // Some pieces have characters that are no tokens by themselves; some scores are equal.
            var pieces = Enumerable.Range(0, random.Next(1, 25)).Select(_ => Word(random, random.Next(1, 6), "▁abcd")).Distinct().ToArray();
            float[] scores = [.. new float[259], .. pieces.Select(_ => (float)-random.Next(8))];
            var tokenizer = TinyVocabulary.SentencePiece(pieces).Set("scores", scores).Make();
            var text = Word(random, random.Next(1, 60), " abcde");
            var merged = MergePlainly(
                "▁" + text.Replace(' ', '▁'),
                (left, right) => Array.IndexOf(pieces, left + right) is >= 0 and var id ? -scores[259 + id] : null);
            var expected = merged.SelectMany(symbol =>
                pieces.Contains(symbol) ? [symbol] : Encoding.UTF8.GetBytes(symbol).Select(value => $"<0x{value:X2}>"));
            Assert.Equal(expected, tokenizer.Encode(text, false, false).Select(tokenizer.GetPiece));
        }
    }

    /// <summary>Again and again: of all neighbours that merge, the pair of the lowest rank, leftmost among equals.</summary>
    private static List<string> MergePlainly(string text, Func<string, string, float?> rankOf)
    {
        var symbols = text.Select(character => character.ToString()).ToList();
        while (true)
        {
            var best = Enumerable.Range(0, symbols.Count - 1)
                .Select(i => (At: i, Rank: rankOf(symbols[i], symbols[i + 1])))
                .Where(pair => pair.Rank is not null)
                .OrderBy(pair => pair.Rank)
                .FirstOrDefault((At: -1, Rank: null));
            if (best.At < 0)
            {
                return symbols;
            }

            symbols[best.At] += symbols[best.At + 1];
            symbols.RemoveAt(best.At + 1);
        }
    }

    private static string[] RandomMerges(Random random)
    {
        var words = new List<string> { "a", "b", "c" };
        var merges = new List<string>();
        for (var i = 0; i < 20; i++)
        {
            var (left, right) = (words[random.Next(words.Count)], words[random.Next(words.Count)]);
            if (!merges.Contains($"{left} {right}"))
            {
                merges.Add($"{left} {right}");
                words.Add(left + right);
            }
        }

        return [.. merges];
    }

    private static string Word(Random random, int length, string alphabet = "abc") =>
        string.Concat(Enumerable.Range(0, length).Select(_ => alphabet[random.Next(alphabet.Length)]));
}
