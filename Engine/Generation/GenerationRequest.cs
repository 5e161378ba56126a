using ManagedSwarm.Engine.Sampling;

namespace ManagedSwarm.Engine.Generation;

/// <summary>What is asked of the generator.</summary>
public sealed record GenerationRequest
{
    /// <summary>The prompt's tokens, at least one.</summary>
    public required IReadOnlyList<int> Prompt { get; init; }

    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>At most this many new tokens per choice; null: as many as the context has room for.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>A choice ends before the first of these texts.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>How many independent replies.</summary>
    public int Choices { get; init; } = 1;

    /// <summary>How many likeliest tokens to report per position; null: no log-probabilities at all.</summary>
    public int? TopLogProbs { get; init; }

    /// <summary>Whether end-of-generation tokens are just tokens.</summary>
    public bool IgnoreEos { get; init; }

    /// <summary>What there is of the reply already, from another generator; null: nothing. Allowed with one choice only.</summary>
    public BegunReply? Begun { get; init; }
}
