namespace ManagedSwarm.Bench.Splits;

/// <summary>What is measured of each way to run a model.</summary>
/// <param name="ReplyTokens">Tokens of a reply.</param>
/// <param name="PromptTokens">Lengths of prompts whose first token is waited for.</param>
/// <param name="Requests">Replies at once.</param>
internal sealed record SplitBenchPlan(int ReplyTokens, IReadOnlyList<int> PromptTokens, int Requests);
