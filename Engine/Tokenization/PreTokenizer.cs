namespace ManagedSwarm.Engine.Tokenization;

/// <summary>How a byte-level BPE vocabulary cuts text into words before it merges: what <c>tokenizer.ggml.pre</c> names.</summary>
/// <param name="Names">The names of this way in files.</param>
/// <param name="Scanners">The patterns, each applied to the pieces of the one before.</param>
internal sealed record PreTokenizer(string[] Names, PieceScanner[] Scanners)
{
    /// <summary>The names that llama.cpp (b4748) maps to the patterns that we have; jina-v2's are left out, as they strip spaces too.</summary>
    private static readonly PreTokenizer[] All =
    [
        new(["llama-bpe", "llama3", "llama-v3", "falcon3"], [PieceScanners.Llama3]) { IgnoresMerges = true, AddsBos = true },
        new(["dbrx", "smaug-bpe", "chatglm-bpe"], [PieceScanners.Llama3]),
        new(["qwen2", "deepseek-r1-qwen", "stablelm2", "megrez"], [PieceScanners.Qwen2]),
        new(["gpt-2", "phi-2", "mpt", "olmo", "jais", "gigachat", "roberta-bpe", "jina-es", "jina-de", "jina-v1-en"], [PieceScanners.Gpt2]),
        new(
            ["smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b"],
            [PieceScanners.SingleNumber, PieceScanners.Gpt2]),
        new([DefaultName], [PieceScanners.Punctuation, PieceScanners.Gpt2, PieceScanners.Numbers, PieceScanners.ThreeDigits]),
    ];

    /// <summary>What llama.cpp takes where a file does not say.</summary>
    public const string DefaultName = "default";

    /// <summary>Whether a word that is a token is that token, whatever the merges say.</summary>
    public bool IgnoresMerges { get; private init; }

    /// <summary>Whether BOS is added where the file does not say.</summary>
    public bool AddsBos { get; private init; }

    /// <exception cref="EngineException"><c>unsupported_tokenizer</c></exception>
    public static PreTokenizer Named(string name) => Array.Find(All, way => way.Names.Contains(name))
        ?? throw new EngineException(
            "unsupported_tokenizer",
            $"pre-tokenizer {VocabularyReader.Quote(name)} ('{VocabularyReader.Key("pre")}') is not supported; supported are "
            + string.Join(", ", All.SelectMany(way => way.Names)));

    /// <summary>Cuts a text into words, in order.</summary>
    public void Split<TState>(ReadOnlySpan<char> text, TState state, Action<ReadOnlySpan<char>, TState> onWord) =>
        Split(text, 0, state, onWord);

    private void Split<TState>(ReadOnlySpan<char> text, int scanner, TState state, Action<ReadOnlySpan<char>, TState> onWord)
    {
        while (!text.IsEmpty)
        {
            var length = Scanners[scanner](text);
            if (scanner == Scanners.Length - 1)
            {
                onWord(text[..length], state);
            }
            else
            {
                Split(text[..length], scanner + 1, state, onWord);
            }

            text = text[length..];
        }
    }
}
