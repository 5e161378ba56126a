using ManagedSwarm.Server.P2pApi;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Server.P2p.Heads;

/// <summary>A split model as the API shows it.</summary>
internal static class SplitView
{
    public static SplitBody Of(BuiltStages stages, WireType wire, MeasuredRun? measured, IReadOnlyList<SwarmMember> members, IReadOnlyList<SpareBody> spares)
    {
        var names = members.ToDictionary(member => member.Id.ToString(), member => member.Facts.Name, StringComparer.Ordinal);
        return new(
            NameOf(wire),
            [
                .. stages.Places.Select(stage => new SplitStageBody(
                    stage.NodeId,
                    names.GetValueOrDefault(stage.NodeId, stage.NodeId),
                    stage.Layers.First,
                    stage.Layers.End,
                    stages.PerLayerOf(stage.Layers) is var time && time > TimeSpan.Zero ? time.TotalSeconds : null)),
            ],
            stages.Plan.Prediction.MsPerToken / 1000,
            measured?.MsPerToken / 1000,
            measured?.MsToFirstToken is null ? null : measured.PromptTokens,
            measured?.MsToFirstToken / 1000,
            spares);
    }

    /// <summary>A wire type as users write it.</summary>
    public static string NameOf(WireType wire) => wire.ToString().ToLowerInvariant();
}
