using System.Text.Json.Serialization;

namespace ManagedSwarm.Server.OpenAi;

// The shapes of OpenAI's answers (openapi.yaml: Create*Response, Model, ErrorResponse, CompletionUsage). Names become snake_case; a null is
// left out except where the description says "required", which is where [JsonIgnore(Never)] stands.

internal sealed record ErrorResponse(ErrorBody Error, LoadingBody? Loading = null);

/// <param name="State">waiting, fetching or loading.</param>
/// <param name="Node">Whom it waits for; null: nobody in particular.</param>
/// <param name="Progress">0 to 1; null: it cannot be told.</param>
/// <param name="Eta">Seconds; null: it cannot be told.</param>
internal sealed record LoadingBody(
    string State,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Node,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] double? Progress,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] double? Eta);

internal sealed record ErrorBody(
    string Message,
    string Type,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Param,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Code);

internal sealed record HealthStatus(string Status);

internal sealed record ModelCard(string Id, string Object, long Created, string OwnedBy);

internal sealed record ModelList(string Object, IReadOnlyList<ModelCard> Data);

/// <summary>An answer of either endpoint, whole or one chunk of a stream.</summary>
internal sealed record Reply<TChoice>(
    string Id,
    string Object,
    long Created,
    string Model,
    string SystemFingerprint,
    IReadOnlyList<TChoice> Choices,
    UsageField? Usage,
    [property: JsonPropertyName("managedswarm")] ExtensionBody? Extension = null);

/// <summary>What OpenAI's answers do not have; only where a request asks for it.</summary>
internal sealed record ExtensionBody(TraceBody Trace);

/// <summary>Where the time of a reply went; milliseconds.</summary>
/// <param name="FirstTokenMs">Until the first part of the reply.</param>
/// <param name="Stages">In the order of their layers; none where all layers are on one machine.</param>
/// <param name="Node">The id of the node that has ended the reply, which another one may have begun; null: it is in no swarm.</param>
internal sealed record TraceBody(double ElapsedMs, double FirstTokenMs, IReadOnlyList<StageTraceBody> Stages, string? Node = null);

/// <summary>The sums of all steps from the reply's begin to its end; other requests that share these steps are in it.</summary>
internal sealed record StageTraceBody(string Node, string Layers, long Steps, double ComputeMs, double WaitMs, double WireMs, long Bytes);

internal sealed record ChatChoice(
    int Index,
    AssistantMessage Message,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] ChatLogProbs? Logprobs,
    string FinishReason);

internal sealed record AssistantMessage(
    string Role,
    string Content,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Refusal);

internal sealed record ChatChunkChoice(
    int Index,
    ChatDelta Delta,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] ChatLogProbs? Logprobs,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? FinishReason);

internal sealed record ChatDelta(string? Role, string? Content);

internal sealed record ChatLogProbs(
    IReadOnlyList<ChatTokenLogProb> Content,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] IReadOnlyList<ChatTokenLogProb>? Refusal = null);

internal sealed record ChatTokenLogProb(string Token, float Logprob, IReadOnlyList<int> Bytes, IReadOnlyList<ChatTopLogProb> TopLogprobs);

internal sealed record ChatTopLogProb(string Token, float Logprob, IReadOnlyList<int> Bytes);

internal sealed record CompletionChoice(
    string Text,
    int Index,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] CompletionLogProbs? Logprobs,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? FinishReason);

/// <param name="TextOffset">Where each token begins in the choice's text, in code points.</param>
/// <param name="TokenLogprobs">Their log-probabilities.</param>
/// <param name="Tokens">Their texts.</param>
/// <param name="TopLogprobs">The likeliest tokens at each position and the chosen one; null where none were asked for.</param>
internal sealed record CompletionLogProbs(
    IReadOnlyList<int> TextOffset,
    IReadOnlyList<float> TokenLogprobs,
    IReadOnlyList<string> Tokens,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] IReadOnlyList<IReadOnlyDictionary<string, float>>? TopLogprobs);

internal sealed record Usage(int PromptTokens, int CompletionTokens, int TotalTokens, PromptTokensDetails PromptTokensDetails)
{
    public CompletionTokensDetails CompletionTokensDetails { get; } = new(0, 0, 0, 0);
}

internal sealed record PromptTokensDetails(int CachedTokens, int AudioTokens);

internal sealed record CompletionTokensDetails(
    int ReasoningTokens, int AudioTokens, int AcceptedPredictionTokens, int RejectedPredictionTokens);
