using ManagedSwarm.Bench.Decode;
using ManagedSwarm.Engine.Sampling;
using ManagedSwarm.Engine.Tokenization;

namespace ManagedSwarm.Bench.Quality;

/// <summary>Texts to compare kernels on, as tokens: the user's own, or what the model itself says.</summary>
internal static class QualityTexts
{
    /// <summary>A text in pieces of at most <paramref name="length"/> tokens, each with the model's BOS before it.</summary>
    public static IReadOnlyList<int[]> Cut(Tokenizer tokenizer, string text, int length, int count)
    {
        var tokens = tokenizer.Encode(text, addSpecial: false, parseSpecial: false);
        int[] begin = Begin(tokenizer);
        return [.. tokens.Chunk(length - begin.Length).Take(count).Select(piece => (int[])[.. begin, .. piece])];
    }

    /// <summary>Texts that the model says of its own accord: drawn at temperature 1, so their perplexity is the model's own.</summary>
    public static IReadOnlyList<int[]> Draw(EngineSession session, Tokenizer tokenizer, int length, int count)
    {
        var begin = Begin(tokenizer) is { Length: > 0 } bos ? bos[0] : 0;
        var sequences = Enumerable.Range(1, count).Select(sequence => (long)sequence).ToArray();
        var texts = sequences.Select(_ => new List<int> { begin }).ToArray();
        var samplers = sequences.Select(sequence => new Sampler(new SamplingOptions { Seed = 1 }, [begin], (int)sequence)).ToArray();
        var workspace = new SamplingWorkspace(session.Config.VocabularySize);
        Array.ForEach(sequences, sequence => session.Open(sequence, length));
        for (var position = 1; position < length; position++)
        {
            session.Append(sequences, texts.Select(text => text[^1]).ToArray(), LogitRows.LastOfEach);
            for (var i = 0; i < count; i++)
            {
                texts[i].Add(samplers[i].Next(session.LogitsOf(i), workspace));
            }
        }

        Array.ForEach(sequences, session.Close);
        return [.. texts.Select(text => text.ToArray())];
    }

    private static int[] Begin(Tokenizer tokenizer) => tokenizer.Encode("", addSpecial: true, parseSpecial: false);
}
