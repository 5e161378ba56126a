namespace ManagedSwarm.Engine.Generation;

/// <summary>The generator's limits.</summary>
internal sealed record GeneratorOptions
{
    /// <summary>Tokens of a step that keep a CPU's cores busy, and whose buffers are small beside a model.</summary>
    public const int DefaultTokensPerStep = 512;

    /// <summary>See <see cref="PromptTokensPerStepInFlight"/>; plans are made with the same number.</summary>
    public const int DefaultPromptTokensPerStepInFlight = 64;

    /// <summary>Floats per hidden state.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Tokens that a prompt and one reply to it may have together.</summary>
    public required int ContextLength { get; init; }

    /// <summary>Tokens that the stages' KV caches have room for.</summary>
    public required int CapacityTokens { get; init; }

    /// <summary>Tokens per block of the stages' KV caches.</summary>
    public int BlockLength { get; init; } = 32;

    /// <summary>Tokens of one step, at most.</summary>
    public int TokensPerStep { get; init; } = DefaultTokensPerStep;

    /// <summary>
    /// Tokens of prompts in a step with replies, at most: these wait for them. On a CPU, where a token of a prompt costs about a fifth of
    /// a reply's step, whatever the model's size, 32 leave a reply an eighth of its pace, and the prompts seven eighths of theirs (half of
    /// that would leave a fifth and three quarters). Chunks never change results.
    /// </summary>
    public int PromptTokensBesideReplies { get; init; } = 32;

    /// <summary>
    /// Tokens of prompts in a step, at most, where several steps are in flight, so that a prompt's chunks are in all stages at once: n of them
    /// take s stages as long as n + s - 1 chunks take one of them. On a CPU each chunk also reads all weights, for as long as some eight tokens
    /// are computed. With 64, a prompt of 512 tokens on two stages loses a ninth to either. Chunks never change results.
    /// </summary>
    public int PromptTokensPerStepInFlight { get; init; } = DefaultPromptTokensPerStepInFlight;

    /// <summary>Whether the stages keep what requests have computed, for others that begin alike, as long as nobody needs the room.</summary>
    public bool PrefixCache { get; init; } = true;

    /// <summary>Requests that may wait; one more is refused.</summary>
    public int QueueLength { get; init; } = 64;

    /// <summary>
    /// Sequences (choices of requests) in flight at once, at most; no more than <see cref="TokensPerStep"/>, so that each can go on in
    /// each step.
    /// </summary>
    public int MaxSequences { get; init; } = 32;

    /// <exception cref="EngineException"><c>invalid_value</c></exception>
    public void Validate()
    {
        Require(HiddenSize, 1, int.MaxValue, "hidden size");
        Require(ContextLength, 2, int.MaxValue, "context length");
        Require(CapacityTokens, 1, int.MaxValue, "KV cache capacity");
        Require(BlockLength, 1, int.MaxValue, "KV block length");
        Require(QueueLength, 0, int.MaxValue, "queue length");
        Require(TokensPerStep, 1, int.MaxValue, "tokens per step");
        Require(PromptTokensBesideReplies, 1, int.MaxValue, "prompt tokens beside replies");
        Require(PromptTokensPerStepInFlight, 1, int.MaxValue, "prompt tokens per step in flight");
        Require(MaxSequences, 1, TokensPerStep, "number of sequences");
    }

    private static void Require(int found, int least, int most, string name)
    {
        if (found < least || found > most)
        {
            throw new EngineException("invalid_value", $"the {name} is {found}; allowed are {least} to {most}");
        }
    }
}
