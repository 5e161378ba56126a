using System.Text.Json.Serialization;
using ManagedSwarm.Server.OpenAi;

namespace ManagedSwarm.Server.Pages.Chat;

// What is sent to the API and what comes back, as far as a chat reads it: OpenAI's names.

internal sealed record ChatBody(
    string? Model,
    IReadOnlyList<ChatBodyMessage> Messages,
    bool Stream,
    ChatBodyStream StreamOptions,
    double? Temperature,
    double? TopP,
    int? TopK,
    double? MinP,
    double? TypicalP,
    double? RepeatPenalty,
    double? PresencePenalty,
    double? FrequencyPenalty,
    int? MaxTokens,
    long? Seed);

internal sealed record ChatBodyMessage(string Role, string Content);

internal sealed record ChatBodyStream(bool IncludeUsage);

internal sealed record ChunkBody(
    IReadOnlyList<ChunkChoice>? Choices,
    ChunkUsage? Usage,
    [property: JsonPropertyName("managedswarm")] ChunkExtension? Extension);

internal sealed record ChunkChoice(ChunkDelta? Delta, string? FinishReason);

internal sealed record ChunkDelta(string? Content);

internal sealed record ChunkUsage(int PromptTokens, int CompletionTokens);

internal sealed record ChunkExtension(ChunkTrace? Trace);

internal sealed record ChunkTrace(IReadOnlyList<ChunkStage>? Stages, string? Node = null);

internal sealed record ChunkStage(string Node, string Layers, double ComputeMs, double WaitMs, double WireMs);

internal sealed record ApiErrorBody(ApiErrorText? Error);

internal sealed record ApiErrorText(string? Message, string? Code);

internal sealed record ModelsBody(IReadOnlyList<ModelsEntry>? Data);

internal sealed record ModelsEntry(string Id, [property: JsonPropertyName("managedswarm")] ModelsExtension? Extension);

internal sealed record ModelsExtension(IReadOnlyList<ModelsNode>? Nodes);

internal sealed record ModelsNode(string Id, string Name);

/// <param name="Version">Of what follows.</param>
internal sealed record KeptConversation(int Version, Conversation? Conversation);

/// <summary>How it is written and read: generated at build time.</summary>
[JsonSerializable(typeof(ChatBody))]
[JsonSerializable(typeof(ChunkBody))]
[JsonSerializable(typeof(ApiErrorBody))]
[JsonSerializable(typeof(ModelsBody))]
[JsonSerializable(typeof(KeptConversation))]
internal sealed partial class ChatJson : JsonSerializerContext
{
    /// <summary>Between this program's pages and its API.</summary>
    public static ChatJson Wire { get; } = new(OpenAiJson.Conventions());

    /// <summary>In the browser.</summary>
    public static ChatJson Kept { get; } = new(OpenAiJson.Conventions());
}
