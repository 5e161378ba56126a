using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using ManagedSwarm.Server.Federation;

namespace ManagedSwarm.Server.P2pApi;

/// <summary>How the answers about the swarm are written and read: generated at build time, no reflection.</summary>
[JsonSerializable(typeof(LedgerNodes))]
[JsonSerializable(typeof(WorkerList))]
[JsonSerializable(typeof(NodeList))]
[JsonSerializable(typeof(NodeCounts))]
[JsonSerializable(typeof(SwarmBody))]
[JsonSerializable(typeof(EventBody))]
[JsonSerializable(typeof(TrialList))]
[JsonSerializable(typeof(DrainBody))]
[JsonSerializable(typeof(UnloadBody))]
[JsonSerializable(typeof(UnloadedBody))]
[JsonSerializable(typeof(DoctorBody))]
[JsonSerializable(typeof(SettingsBody))]
[JsonSerializable(typeof(SettingsAnswer))]
[JsonSerializable(typeof(WellKnownBody))]
[JsonSerializable(typeof(RoutedModelList))]
[JsonSerializable(typeof(RoutedModelCard))]
internal sealed partial class SwarmJson : JsonSerializerContext
{
    /// <summary>The conventions of OpenAI's API, beside which it stands.</summary>
    public static SwarmJson Wire { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
