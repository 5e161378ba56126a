namespace ManagedSwarm.Server.OpenAi;

/// <summary>How fast a reply was that had the model for itself.</summary>
/// <param name="PromptTokens">Of its prompt.</param>
/// <param name="FirstToken">From the request to the reply's first token; null: a part of the prompt was known before.</param>
/// <param name="PerToken">Each further one: the mean.</param>
internal sealed record ReplyMeasurement(int PromptTokens, TimeSpan? FirstToken, TimeSpan PerToken);
