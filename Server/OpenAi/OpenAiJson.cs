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
    /// <summary>OpenAI's conventions.</summary>
    public static OpenAiJson Wire { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        // The default one is for JSON inside of HTML, and makes six bytes of each letter beyond ASCII.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
