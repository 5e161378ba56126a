using System.Text.Json.Serialization;

namespace ManagedSwarm.Transport.Weights;

/// <summary>How the files of a <see cref="PieceHashCache"/> are read and written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(CachedPieces))]
internal sealed partial class CachedPiecesJson : JsonSerializerContext;
