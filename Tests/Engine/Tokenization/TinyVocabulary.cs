using ManagedSwarm.Engine.Tokenization;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Tests.Engine.Tokenization;

/// <summary>Metadata of tokenizers small enough to reason about; tests change what they are about.</summary>
internal sealed class TinyVocabulary
{
    private const int Control = (int)TokenType.Control;
    private const int Normal = (int)TokenType.Normal;
    private readonly Dictionary<string, object> _values = [];

    /// <summary>SentencePiece: unknown, BOS, EOS, 256 bytes, then pieces of falling score.</summary>
    public static TinyVocabulary SentencePiece(params string[] pieces)
    {
        var bytes = Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>").ToArray();
        string[] tokens = ["<unk>", "<s>", "</s>", .. bytes, .. pieces];
        int[] types = [(int)TokenType.Unknown, Control, Control, .. bytes.Select(_ => (int)TokenType.Byte), .. pieces.Select(_ => Normal)];
        return new TinyVocabulary()
            .Set("model", "llama")
            .Set("tokens", tokens)
            .Set("token_type", types)
            .Set("scores", tokens.Select((_, id) => (float)-id).ToArray());
    }

    /// <summary>Byte-level: 256 bytes, the results of the merges, then tokens of a type.</summary>
    public static TinyVocabulary ByteLevel(string[] merges, params (string Text, TokenType Type)[] added)
    {
        var bytes = Enumerable.Range(0, 256).Select(value => ByteAlphabet.ToCharacter((byte)value).ToString());
        string[] words = [.. bytes, .. merges.Select(merge => merge.Replace(" ", "", StringComparison.Ordinal)).Distinct()];
        return new TinyVocabulary()
            .Set("model", "gpt2")
            .Set("pre", "gpt-2")
            .Set("tokens", (string[])[.. words, .. added.Select(token => token.Text)])
            .Set("token_type", (int[])[.. words.Select(_ => Normal), .. added.Select(token => (int)token.Type)])
            .Set("merges", merges);
    }

    public TinyVocabulary Set(string name, object value)
    {
        _values[VocabularyReader.Key(name)] = value;
        return this;
    }

    public TinyVocabulary Remove(string name)
    {
        _values.Remove(VocabularyReader.Key(name));
        return this;
    }

    /// <summary>The names of what is set.</summary>
    public IReadOnlyCollection<string> Names => [.. _values.Keys.Select(key => key[VocabularyReader.Key("").Length..])];

    public object this[string name] => _values[VocabularyReader.Key(name)];

    public Tokenizer Make() => Tokenizer.FromMetadata(new GgufMetadata(_values));
}
