using System.Buffers;
using System.Text;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Engine.Tokenization;

/// <summary>Text to tokens and back, as the model's GGUF metadata say. Safe for use by many threads.</summary>
public abstract class Tokenizer
{
    /// <summary>How many tokens there are.</summary>
    public abstract int VocabularySize { get; }

    /// <summary>Beginning of sequence, if the vocabulary has one.</summary>
    public abstract int? BosToken { get; }

    /// <summary>End of sequence, if the vocabulary has one.</summary>
    public abstract int? EosToken { get; }

    /// <summary>Tokens after which a reply is over (EOS, end of turn, …).</summary>
    public abstract IReadOnlySet<int> EndOfGenerationTokens { get; }

    /// <summary>The tokens that <see cref="PromptGuard"/> keeps out of a user's text; null: none.</summary>
    internal virtual SpecialTokenMatcher? HiddenTokens => null;

    /// <summary>The tokenizer that a model's metadata describe.</summary>
    /// <remarks>
    /// Ours rather than Microsoft.ML.Tokenizers (2.0.1, measured): of llama.cpp's 46 cases per vocabulary it misses one of llama-bpe (no
    /// ignore_merges) and two of llama-spm (equal scores are not merged leftmost first); its .NET regular expressions take letters and
    /// digits outside the basic plane for symbols; a word of twice the length takes it four times the time.
    /// </remarks>
    /// <exception cref="EngineException">
    /// <c>unsupported_tokenizer</c>: another kind than llama (SentencePiece BPE) and gpt2 (byte-level BPE), or an unknown pre-tokenizer;
    /// <c>missing_tokenizer</c>: no vocabulary; <c>invalid_tokenizer</c>: metadata that contradict themselves.
    /// </exception>
    /// <exception cref="GgufFormatException">A value is of the wrong type.</exception>
    public static Tokenizer FromMetadata(GgufMetadata metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        var key = VocabularyReader.Key("model");
        return metadata.TryGet<string>(key, out var model)
            ? model switch
            {
                "llama" => SentencePieceTokenizer.Read(metadata),
                "gpt2" => ByteLevelTokenizer.Read(metadata),
                "no_vocab" or "none" => throw VocabularyReader.Missing($"'{key}' is '{model}'"),
                _ => throw new EngineException(
                    "unsupported_tokenizer",
                    $"tokenizer {VocabularyReader.Quote(model)} ('{key}') is not supported; supported are llama, gpt2"),
            }
            : throw VocabularyReader.Missing($"'{key}' is missing");
    }

    /// <summary>Text to tokens. Lone surrogates count as U+FFFD.</summary>
    /// <param name="text">The text; <see cref="PromptGuard"/>'s marks are dropped.</param>
    /// <param name="addSpecial">Whether BOS and EOS are added where the metadata ask for them.</param>
    /// <param name="parseSpecial">Whether the texts of control tokens become these tokens; false for anything a user wrote.</param>
    public abstract int[] Encode(string text, bool addSpecial, bool parseSpecial);

    /// <summary>The token's bytes as they stand in a reply: not always whole UTF-8 characters; none for control tokens unless asked for.</summary>
    /// <exception cref="EngineException"><c>token_out_of_range</c></exception>
    public abstract ReadOnlyMemory<byte> GetBytes(int token, bool renderSpecial = false);

    /// <summary>The token's own text as the vocabulary spells it, control tokens included (<c>bos_token</c> of chat templates).</summary>
    /// <exception cref="EngineException"><c>token_out_of_range</c></exception>
    public abstract string GetPiece(int token);

    /// <summary>
    /// A whole text's tokens to text; bytes that are no UTF-8 become U+FFFD. The space that encoding put before the text is
    /// dropped again; the tokens of a reply continue their prompt instead, and keep it: see <see cref="GetBytes"/>.
    /// </summary>
    /// <param name="renderSpecial">Whether control tokens are shown.</param>
    /// <exception cref="EngineException"><c>token_out_of_range</c></exception>
    public string Decode(IReadOnlyList<int> tokens, bool renderSpecial = false)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        var output = new ArrayBufferWriter<byte>((tokens.Count * 4) + 1);
        var isFirst = true;
        foreach (var token in tokens)
        {
            var bytes = GetBytes(token, renderSpecial).Span;
            output.Write(isFirst && HasAddedSpace(token) ? bytes[1..] : bytes);
            // A token that shows nothing, such as BOS, does not begin the text.
            isFirst &= bytes.IsEmpty;
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <summary>Whether a token, as the first of a text, begins with a space that encoding put there.</summary>
    private protected virtual bool HasAddedSpace(int token) => false;
}
