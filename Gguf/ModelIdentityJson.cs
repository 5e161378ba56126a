using System.Text.Json.Serialization;

namespace ManagedSwarm.Gguf;

/// <summary>How the file of a <see cref="ModelIdentityCache"/> is read and written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(CachedIdentities))]
internal sealed partial class ModelIdentityJson : JsonSerializerContext;
