using System.Text.Json.Nodes;

namespace ManagedSwarm.Server.Drills;

/// <summary>A request for a completion that says the same each time: sampled, but seeded, and to its full length.</summary>
/// <param name="Prompt">Tokens.</param>
/// <param name="Tokens">Of the reply.</param>
/// <param name="Seed">Of the sampling.</param>
internal sealed record DrillRequest(IReadOnlyList<int> Prompt, int Tokens, int Seed)
{
    /// <summary>A prompt of random tokens, none of the first quarter of the vocabulary, where control tokens and bytes are.</summary>
    public static DrillRequest Random(int promptTokens, int tokens, int seed, int vocabularySize)
    {
        var random = new Random(seed);
        return new([.. Enumerable.Range(0, promptTokens).Select(_ => random.Next(vocabularySize / 4, vocabularySize))], tokens, seed);
    }

    public string ToJson() => new JsonObject
    {
        ["prompt"] = new JsonArray([.. Prompt.Select(token => JsonValue.Create(token))]),
        ["max_tokens"] = Tokens,
        ["temperature"] = 0.8,
        ["seed"] = Seed,
        ["ignore_eos"] = true,
        // So each token is told, also where it has no text of its own, and to the last digit.
        ["logprobs"] = 0,
        ["stream"] = true,
        ["stream_options"] = new JsonObject { ["include_usage"] = true },
    }.ToJsonString();
}
