namespace ManagedSwarm.Engine.Generation;

/// <summary>The generator's limits.</summary>
internal sealed record GeneratorOptions
{
    /// <summary>Floats per hidden state.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Tokens that a prompt and one reply to it may have together.</summary>
    public required int ContextLength { get; init; }

    /// <summary>Tokens that the stages' KV caches have room for.</summary>
    public required int CapacityTokens { get; init; }

    /// <summary>Tokens per block of the stages' KV caches.</summary>
    public int BlockLength { get; init; } = 32;

    /// <summary>Tokens of one step, at most: what a running reply waits for the prompts of others is bounded by it.</summary>
    public int TokensPerStep { get; init; } = 512;

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
