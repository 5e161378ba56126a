using System.Text.Json.Serialization;

namespace ManagedSwarm.Server.P2p;

/// <summary><see cref="SavedSettings"/> as <see cref="SettingsFile"/> has them.</summary>
internal sealed record SavedSettingsBody(bool? P2p, string? P2pToken, string? P2pNetworkId);

/// <summary>How they are written and read: generated at build time, no reflection.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SavedSettingsBody))]
internal sealed partial class SavedSettingsJson : JsonSerializerContext;
