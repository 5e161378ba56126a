using ManagedSwarm.Gguf;

namespace ManagedSwarm.Bench.Tokenization;

/// <summary>
/// A byte-level BPE vocabulary learned from a text, as GPT-2's was (Sennrich et al., arXiv 1508.07909): the generator of models makes
/// SentencePiece's only. The text is ASCII without control characters, so that its bytes are their own letters.
/// </summary>
internal static class ByteLevelVocabulary
{
    public static GgufMetadata Learn(string text, int merges)
    {
        var words = text.Split(' ').Select((word, i) => (i == 0 ? "" : "Ġ") + word)
            .CountBy(word => word).Select(word => (Pieces: word.Key.Select(letter => letter.ToString()).ToList(), Count: word.Value)).ToList();
        List<string> tokens = [.. Enumerable.Range('!', '~' - '!' + 1).Select(letter => ((char)letter).ToString()), "Ġ"];
        List<string> learned = [];
        while (learned.Count < merges && Commonest(words) is var (left, right))
        {
            learned.Add($"{left} {right}");
            tokens.Add(left + right);
            words.ForEach(word => Merge(word.Pieces, left, right));
        }

        return Write(tokens, learned);
    }

    private static (string Left, string Right)? Commonest(List<(List<string> Pieces, int Count)> words)
    {
        var pairs = words.SelectMany(word => word.Pieces.Zip(word.Pieces.Skip(1), (left, right) => (Pair: (left, right), word.Count)));
        var counts = pairs.GroupBy(pair => pair.Pair).Select(pair => (Pair: pair.Key, Count: pair.Sum(one => one.Count))).ToList();
        return counts.Count == 0 ? null : counts.MaxBy(pair => pair.Count).Pair;
    }

    private static void Merge(List<string> pieces, string left, string right)
    {
        for (var i = 0; i + 1 < pieces.Count; i++)
        {
            if (pieces[i] == left && pieces[i + 1] == right)
            {
                pieces[i] = left + right;
                pieces.RemoveAt(i + 1);
            }
        }
    }

    private static GgufMetadata Write(List<string> tokens, List<string> merges)
    {
        var path = Path.Combine(Path.GetTempPath(), $"vocabulary-{Guid.NewGuid():N}.gguf");
        var writer = new GgufWriter();
        writer.Set("tokenizer.ggml.model", "gpt2");
        writer.Set("tokenizer.ggml.pre", "gpt-2");
        writer.Set("tokenizer.ggml.tokens", tokens.ToArray());
        writer.Set("tokenizer.ggml.token_type", Enumerable.Repeat(1, tokens.Count).ToArray());
        writer.Set("tokenizer.ggml.merges", merges.ToArray());
        writer.Set("tokenizer.ggml.add_bos_token", false);
        try
        {
            writer.Save(path);
            using var file = GgufFile.Open(path);
            return file.Metadata;
        }
        finally
        {
            File.Delete(path);
        }
    }
}
