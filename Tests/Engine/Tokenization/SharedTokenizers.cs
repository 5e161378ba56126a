using System.Collections.Concurrent;
using ManagedSwarm.Engine.Tokenization;
using ManagedSwarm.Gguf;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Engine.Tokenization;

/// <summary>The tokenizers of the files in ../shared, each made once.</summary>
internal static class SharedTokenizers
{
    private static readonly ConcurrentDictionary<string, Lazy<Tokenizer>> Made = new();

    /// <summary>The vocabularies that come with cases.</summary>
    public static TheoryData<string> Vocabularies => ["llama-spm", "llama-bpe", "gpt-2", "qwen2"];

    public static string VocabularyPath(string name) => SharedData.Require($"vocab/ggml-vocab-{name}.gguf");

    public static Tokenizer Vocabulary(string name) => FromFile(VocabularyPath(name));

    public static Tokenizer FromFile(string path) => Made.GetOrAdd(path, file => new Lazy<Tokenizer>(() => Open(file))).Value;

    private static Tokenizer Open(string path)
    {
        using var file = GgufFile.Open(path);
        return Tokenizer.FromMetadata(file.Metadata);
    }
}
