namespace ManagedSwarm.Bench.Peers;

/// <summary>What is timed, by the names and in the way of llama.cpp's llama-bench and llama-batched-bench.</summary>
internal sealed record SpeedPlan
{
    /// <summary><c>pp</c>: prompts of so many tokens into an empty context, logits of the last.</summary>
    public IReadOnlyList<int> Prompts { get; init; } = [512];

    /// <summary><c>tg</c>: so many tokens one by one into an empty context, logits of each.</summary>
    public IReadOnlyList<int> Generations { get; init; } = [64, 128];

    /// <summary><c>b</c>: so many sequences decode together.</summary>
    public IReadOnlyList<int> Batches { get; init; } = [1, 4, 16];

    /// <summary>Tokens that each sequence of a batch has before the clock starts.</summary>
    public int BatchPrompt { get; init; } = 32;

    /// <summary>Tokens that each sequence of a batch decodes.</summary>
    public int BatchTokens { get; init; } = 32;

    /// <summary>Runs of each prompt and generation per round, of which the mean counts; batches run once.</summary>
    public int Repetitions { get; init; } = 2;

    /// <summary>Names of all tests, in the order of the table.</summary>
    public IEnumerable<string> Tests =>
        Prompts.Select(PromptName).Concat(Generations.Select(GenerationName)).Concat(Batches.Select(BatchName));

    /// <summary>Tokens of context that the largest of the tests needs, whole blocks of <paramref name="blockLength"/> for each sequence.</summary>
    public int CapacityTokens(int blockLength)
    {
        var perSequence = ((BatchPrompt + BatchTokens + blockLength - 1) / blockLength) * blockLength;
        return Prompts.Concat(Generations).Append(Batches.DefaultIfEmpty().Max() * perSequence).Max() + blockLength;
    }

    public static string PromptName(int tokens) => $"pp{tokens}";

    public static string GenerationName(int tokens) => $"tg{tokens}";

    public static string BatchName(int sequences) => $"batch {sequences}";
}
