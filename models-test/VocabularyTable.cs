using System.Globalization;

namespace ManagedSwarm.ModelsTest;

/// <summary>The tokens of a vocabulary in the way of SentencePiece, as a GGUF file has them.</summary>
/// <param name="Tokens">Their texts; a space is <see cref="Space"/>.</param>
/// <param name="Scores">The better, the sooner a piece is merged.</param>
/// <param name="Types">llama.cpp's token types.</param>
public sealed record VocabularyTable(string[] Tokens, float[] Scores, int[] Types)
{
    /// <summary>SentencePiece's mark for a space.</summary>
    public const char Space = '\u2581';

    public const uint UnknownToken = 0;

    public const uint BosToken = 1;

    public const uint EosToken = 2;

    private const int Normal = 1;
    private const int Unknown = 2;
    private const int Control = 3;
    private const int Byte = 6;

    /// <summary>Unknown, begin and end; further control tokens; the 256 bytes; then pieces, the earlier ones merged first.</summary>
    public static VocabularyTable Create(IReadOnlyList<string> controls, IReadOnlyList<string> pieces)
    {
        var bytes = Enumerable.Range(0, 256).Select(value => $"<0x{value.ToString("X2", CultureInfo.InvariantCulture)}>");
        return new VocabularyTable(
            ["<unk>", "<s>", "</s>", .. controls, .. bytes, .. pieces],
            [.. Enumerable.Repeat(0f, 3 + controls.Count + 256), .. pieces.Select((_, index) => -(float)index)],
            [
                Unknown, .. Enumerable.Repeat(Control, 2 + controls.Count), .. Enumerable.Repeat(Byte, 256),
                .. Enumerable.Repeat(Normal, pieces.Count),
            ]);
    }

    /// <summary>The <c>tokenizer.ggml.*</c> metadata.</summary>
    /// <param name="addSpacePrefix">Whether a text is tokenised as if a space came before it.</param>
    public IReadOnlyDictionary<string, object> ToMetadata(bool addSpacePrefix)
    {
        var metadata = new Dictionary<string, object>
        {
            ["tokenizer.ggml.model"] = "llama",
            ["tokenizer.ggml.pre"] = "default",
            ["tokenizer.ggml.tokens"] = Tokens,
            ["tokenizer.ggml.scores"] = Scores,
            ["tokenizer.ggml.token_type"] = Types,
            ["tokenizer.ggml.bos_token_id"] = BosToken,
            ["tokenizer.ggml.eos_token_id"] = EosToken,
            ["tokenizer.ggml.unknown_token_id"] = UnknownToken,
            ["tokenizer.ggml.add_bos_token"] = true,
            ["tokenizer.ggml.add_eos_token"] = false,
        };
        if (!addSpacePrefix)
        {
            metadata["tokenizer.ggml.add_space_prefix"] = false;
        }

        return metadata;
    }
}
