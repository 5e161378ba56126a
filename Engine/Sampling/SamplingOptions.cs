namespace ManagedSwarm.Engine.Sampling;

/// <summary>How a token is chosen from logits. Names and meanings are llama.cpp's and OpenAI's.</summary>
public sealed record SamplingOptions
{
    /// <summary>0 is greedy: always the likeliest token.</summary>
    public float Temperature { get; init; } = 1f;

    /// <summary>Keep the k likeliest; 0 keeps all.</summary>
    public int TopK { get; init; }

    /// <summary>Keep the likeliest until their sum reaches p; 1 keeps all.</summary>
    public float TopP { get; init; } = 1f;

    /// <summary>Keep those at least p times as likely as the likeliest; 0 keeps all.</summary>
    public float MinP { get; init; }

    /// <summary>Locally typical sampling (arXiv 2202.00666); 1 keeps all.</summary>
    public float TypicalP { get; init; } = 1f;

    /// <summary>Divides (or multiplies, where negative) the logits of tokens in the window; 1 is off.</summary>
    public float RepeatPenalty { get; init; } = 1f;

    /// <summary>Taken off once from the logits of tokens that were generated; OpenAI's -2 … 2.</summary>
    public float PresencePenalty { get; init; }

    /// <summary>Taken off per time a token was generated; OpenAI's -2 … 2.</summary>
    public float FrequencyPenalty { get; init; }

    /// <summary>How many of the last tokens the repeat penalty sees.</summary>
    public int RepeatWindow { get; init; } = 64;

    /// <summary>Added to the logits of these tokens; OpenAI's -100 … 100.</summary>
    public IReadOnlyDictionary<int, float> LogitBias { get; init; } = new Dictionary<int, float>();

    /// <summary>Same seed and same request give the same text.</summary>
    public ulong Seed { get; init; }
}
