using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ManagedSwarm.Server.OpenAi;

/// <summary>How the answers are written: generated at build time, no reflection.</summary>
[JsonSerializable(typeof(ErrorResponse))]
[JsonSerializable(typeof(HealthStatus))]
[JsonSerializable(typeof(ModelCard))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(Usage))]
[JsonSerializable(typeof(Reply<ChatChoice>), TypeInfoPropertyName = "ChatReply")]
[JsonSerializable(typeof(Reply<ChatChunkChoice>), TypeInfoPropertyName = "ChatChunk")]
[JsonSerializable(typeof(Reply<CompletionChoice>), TypeInfoPropertyName = "CompletionReply")]
internal sealed partial class OpenAiJson : JsonSerializerContext
{
    public static OpenAiJson Wire { get; } = new(Conventions());

    /// <summary>OpenAI's conventions, which all answers follow: options that no context has yet.</summary>
    public static JsonSerializerOptions Conventions() => new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        // The default one is for JSON inside of HTML, and makes six bytes of each letter beyond ASCII.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
