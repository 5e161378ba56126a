using System.Text.Json.Serialization;
using ManagedSwarm.Server.Federation;
using ManagedSwarm.Server.OpenAi;

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
    public static SwarmJson Wire { get; } = new(OpenAiJson.Conventions());
}
