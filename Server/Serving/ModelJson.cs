using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ManagedSwarm.Server.Serving;

/// <summary>How the answers about models that can be loaded are written: generated at build time, no reflection.</summary>
[JsonSerializable(typeof(CatalogBody))]
[JsonSerializable(typeof(ModelStateBody))]
internal sealed partial class ModelJson : JsonSerializerContext
{
    /// <summary>The conventions of OpenAI's API, beside which it stands.</summary>
    public static ModelJson Wire { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
