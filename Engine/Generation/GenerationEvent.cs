namespace ManagedSwarm.Engine.Generation;

/// <summary>Why a choice ended.</summary>
public enum FinishReason
{
    /// <summary>An end-of-generation token or a stop text.</summary>
    Stop = 0,

    /// <summary>The asked number of tokens, or the context, is full.</summary>
    Length = 1,
}

/// <summary>Something that happened to one choice of a request.</summary>
/// <param name="Choice">Which choice, from 0.</param>
public abstract record GenerationEvent(int Choice);

/// <summary>New text: whole characters only, and never the beginning of what may become a stop text.</summary>
/// <param name="Text">May be empty where a token only completes later; never null.</param>
/// <param name="Tokens">The tokens that this text came from, with their log-probabilities where asked.</param>
public sealed record TextGenerated(int Choice, string Text, IReadOnlyList<GeneratedToken> Tokens) : GenerationEvent(Choice);

/// <summary>The choice is over.</summary>
/// <param name="Reason">Why.</param>
/// <param name="TokenCount">How many tokens it generated.</param>
public sealed record ChoiceFinished(int Choice, FinishReason Reason, int TokenCount) : GenerationEvent(Choice)
{
    /// <summary>How many tokens of the prompt needed not be computed, because an earlier request began alike; the same for all choices.</summary>
    public int CachedTokens { get; init; }
}

/// <summary>A token of a reply.</summary>
/// <param name="Token">Its id.</param>
/// <param name="Bytes">Its bytes; not always whole UTF-8 characters.</param>
/// <param name="LogProb">The natural logarithm of its probability under the model (before temperature and filters); NaN if not asked.</param>
/// <param name="Top">The likeliest tokens at its position, likeliest first; empty if not asked.</param>
public sealed record GeneratedToken(int Token, ReadOnlyMemory<byte> Bytes, float LogProb, IReadOnlyList<TokenLogProb> Top);

/// <summary>One token's log-probability.</summary>
public sealed record TokenLogProb(int Token, ReadOnlyMemory<byte> Bytes, float LogProb);
