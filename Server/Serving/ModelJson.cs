using System.Text.Json.Serialization;
using ManagedSwarm.Server.OpenAi;

namespace ManagedSwarm.Server.Serving;

/// <summary>How the answers about models that can be loaded are written: generated at build time, no reflection.</summary>
[JsonSerializable(typeof(CatalogBody))]
[JsonSerializable(typeof(ModelStateBody))]
internal sealed partial class ModelJson : JsonSerializerContext
{
    public static ModelJson Wire { get; } = new(OpenAiJson.Conventions());
}
