using ManagedSwarm.Engine.Planning;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Server.P2p.Heads;

/// <summary>What stages have done, by their nodes' names.</summary>
internal static class StageWorkView
{
    public static IReadOnlyList<StageWork> Of(IReadOnlyList<NodeRange> places, IReadOnlyList<StageTotals> totals, IReadOnlyList<SwarmMember> members)
    {
        var byLayers = totals.ToDictionary(total => total.Layers);
        var names = members.ToDictionary(member => member.Id.ToString(), member => member.Facts.Name, StringComparer.Ordinal);
        return
        [
            .. places.Select(stage => Of(
                names.GetValueOrDefault(stage.NodeId, stage.NodeId),
                byLayers.GetValueOrDefault(stage.Layers) ?? new(stage.Layers, 0, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, 0))),
        ];
    }

    private static StageWork Of(string node, StageTotals total) =>
        new(node, total.Layers.ToString(), total.Steps, total.Compute, total.Wait, total.Wire, total.Bytes);
}
