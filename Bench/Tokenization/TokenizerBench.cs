using BenchmarkDotNet.Attributes;
using ManagedSwarm.Engine.Tokenization;
using ManagedSwarm.Gguf;
using ManagedSwarm.ModelsTest;

namespace ManagedSwarm.Bench.Tokenization;

/// <summary>Text to tokens and back, per character of a made-up prose.</summary>
[MemoryDiagnoser]
public class TokenizerBench
{
    private const int Characters = 16_384;
    private const int Merges = 2_000;

    private readonly string _text = Prose();
    private Tokenizer _tokenizer = null!;
    private int[] _tokens = [];

    /// <summary>llama: SentencePiece, 32 000 tokens; gpt2: byte-level BPE, learned from the text.</summary>
    [Params("llama", "gpt2")]
    public string Kind { get; set; } = "";

    [GlobalSetup]
    public void ReadVocabulary()
    {
        _tokenizer = Tokenizer.FromMetadata(Kind == "llama" ? Generated() : ByteLevelVocabulary.Learn(_text, Merges));
        _tokens = _tokenizer.Encode(_text, addSpecial: true, parseSpecial: false);
    }

    [Benchmark(OperationsPerInvoke = Characters)]
    public int[] Encode() => _tokenizer.Encode(_text, addSpecial: true, parseSpecial: false);

    [Benchmark(OperationsPerInvoke = Characters)]
    public string Decode() => _tokenizer.Decode(_tokens);

    private static GgufMetadata Generated()
    {
        var path = Path.Combine(Path.GetTempPath(), $"vocabulary-{Guid.NewGuid():N}.gguf");
        try
        {
            ModelGenerator.Write(path, ModelPresets.Tiny with { VocabularySize = 32_000 });
            using var file = GgufFile.Open(path);
            return file.Metadata;
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Words of syllables, short ones common, with commas and full stops between.</summary>
    private static string Prose()
    {
        const string Consonants = "bcdfghjklmnprstvw";
        const string Vowels = "aeiou";
        var random = new Random(1);
        string Syllable() => $"{Consonants[random.Next(Consonants.Length)]}{Vowels[random.Next(Vowels.Length)]}";
        var words = Enumerable.Range(0, 800).Select(i => string.Concat(Enumerable.Range(0, 1 + (i / 250)).Select(_ => Syllable()))).ToArray();
        var text = string.Join(' ', Enumerable.Range(0, Characters / 2).Select(
            i => words[(int)(words.Length * Math.Pow(random.NextDouble(), 2))] + (i % 12 == 11 ? "." : i % 5 == 4 ? "," : "")));
        return text[..Characters];
    }
}
