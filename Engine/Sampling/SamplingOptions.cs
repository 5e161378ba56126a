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

    /// <summary>Divides (or multiplies, where negative) the logits of tokens in the window, the prompt's among them; 1 is off.</summary>
    public float RepeatPenalty { get; init; } = 1f;

    /// <summary>Taken off once from the logits of tokens that were generated (not those of the prompt); OpenAI's -2 … 2.</summary>
    public float PresencePenalty { get; init; }

    /// <summary>Taken off per time a token was generated (not those of the prompt); OpenAI's -2 … 2.</summary>
    public float FrequencyPenalty { get; init; }

    /// <summary>How many of the last tokens, prompt and reply, the repeat penalty sees.</summary>
    public int RepeatWindow { get; init; } = 64;

    /// <summary>Added to the logits of these tokens; OpenAI's -100 … 100.</summary>
    public IReadOnlyDictionary<int, float> LogitBias { get; init; } = new Dictionary<int, float>();

    /// <summary>Same seed and same request give the same text.</summary>
    public ulong Seed { get; init; }

    /// <exception cref="EngineException"><c>invalid_value</c>, or <c>token_out_of_range</c> for a bias.</exception>
    internal void Validate(int vocabularySize)
    {
        Require(float.IsFinite(Temperature) && Temperature >= 0, "temperature", Temperature, "a finite number, 0 or more");
        Require(TopK >= 0, "top_k", TopK, "0 (all) or more");
        Require(TopP is >= 0 and <= 1, "top_p", TopP, "0 to 1");
        Require(MinP is >= 0 and <= 1, "min_p", MinP, "0 to 1");
        Require(TypicalP is >= 0 and <= 1, "typical_p", TypicalP, "0 to 1");
        Require(float.IsFinite(RepeatPenalty) && RepeatPenalty > 0, "repeat_penalty", RepeatPenalty, "a finite number above 0");
        Require(float.IsFinite(PresencePenalty), "presence_penalty", PresencePenalty, "a finite number");
        Require(float.IsFinite(FrequencyPenalty), "frequency_penalty", FrequencyPenalty, "a finite number");
        Require(RepeatWindow >= 0, "repeat_window", RepeatWindow, "0 or more");
        foreach (var (token, bias) in LogitBias)
        {
            Require(float.IsFinite(bias), "logit_bias", bias, "a finite number");
            if (token < 0 || token >= vocabularySize)
            {
                throw new EngineException("token_out_of_range", $"logit_bias names token {token}; allowed are 0 to {vocabularySize - 1}");
            }
        }
    }

    private static void Require(bool holds, string name, double found, string allowed)
    {
        if (!holds)
        {
            throw new EngineException("invalid_value", FormattableString.Invariant($"{name} is {found}; allowed is {allowed}"));
        }
    }
}
