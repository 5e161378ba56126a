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

    /// <summary>Text to tokens.</summary>
    /// <param name="text">The text; <see cref="PromptGuard"/>'s marks are dropped.</param>
    /// <param name="addSpecial">Whether BOS and EOS are added where the metadata ask for them.</param>
    /// <param name="parseSpecial">Whether the texts of control tokens become these tokens; false for anything a user wrote.</param>
    public abstract int[] Encode(string text, bool addSpecial, bool parseSpecial);

    /// <summary>The token's bytes as they stand in a reply: not always whole UTF-8 characters; none for control tokens unless asked for.</summary>
    public abstract ReadOnlyMemory<byte> GetBytes(int token, bool renderSpecial = false);

    /// <summary>The token's own text, control tokens included (<c>bos_token</c> of chat templates).</summary>
    public abstract string GetPiece(int token);
}
