using ManagedSwarm.Server.P2p;
using ManagedSwarm.Server.P2p.Heads;
using ManagedSwarm.Server.P2pApi;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Stages;

namespace ManagedSwarm.Server.Pages.Swarm.State;

/// <summary>Makes what the page shows out of what this node knows: no clock, no services.</summary>
internal static class SwarmView
{
    public static SwarmPageState Of(SwarmFacts facts)
    {
        var swarm = facts.Swarm;
        if (!swarm.Enabled)
        {
            return SwarmPageState.Off with { Loads = [.. LoadsOf(facts)], Journal = [.. facts.Journal] };
        }

        var models = new ModelNames(swarm);
        var pipelines = PipelineView.Of(facts, models);
        return new()
        {
            IsOn = true,
            Network = swarm.Network ?? "",
            NetworkId = swarm.NetworkId,
            Nodes = [.. swarm.Members.Select(member => CardOf(member, facts, models, pipelines))],
            Pipelines = [.. pipelines],
            Loads = [.. LoadsOf(facts)],
            Journal = [.. facts.Journal],
        };
    }

    private static NodeCard CardOf(MemberBody member, SwarmFacts facts, ModelNames models, IReadOnlyList<PipelineCard> pipelines) => new()
    {
        Id = member.Id,
        Name = ShownText.Fit(member.Name),
        State = member.State,
        IsSelf = member.IsSelf,
        IsConnected = member.IsConnected,
        Roles = [.. member.Roles.Select(role => ShownText.Fit(role))],
        Device = ShownText.Fit(member.Device),
        Cores = member.Cores,
        TotalMemory = member.TotalMemory,
        FreeMemory = member.FreeMemory,
        Models = [.. member.Models.Select(model => ShownText.Fit(model.Id))],
        Layers = [.. LayersOf(member, models, pipelines)],
        TokensPerSecond = member.Load.TokensPerSecond,
        InFlight = member.Load.InFlight,
        Queued = member.Load.Queued,
        RoundTripMs = member.RoundTripSeconds * 1000,
        Seen = ShownValue.Ago(member.IsSelf ? 0 : member.SecondsSinceSeen),
        Version = ShownText.Fit(member.Version),
        Address = member.RemoteAddress,
        Loads = member.IsSelf ? [.. facts.Held.Where(IsLoading).Select(LoadOf)] : [],
        CanDrain = member.State is "alive" or "suspect" && member.Roles.Contains(NodeRole.Worker),
        CanUnload = member.IsSelf ? [.. facts.Held.Select(stage => stage.ModelName).Append(facts.Model).OfType<string>().Distinct()] : [],
    };

    /// <summary>What a node says that it holds, and what this node's own model has there: a head's own layers are in no record.</summary>
    private static IEnumerable<LayerSpan> LayersOf(MemberBody member, ModelNames models, IReadOnlyList<PipelineCard> pipelines)
    {
        LayerSpan[] own =
        [
            .. pipelines.SelectMany(pipeline => pipeline.Stages
                .Where(stage => stage.NodeId == member.Id)
                .Select(stage => new LayerSpan(pipeline.Model, stage.First, stage.End, pipeline.LayerCount))),
        ];
        var others = member.Layers
            .Where(layers => !own.Any(span => (span.First, span.End) == (layers.First, layers.End)))
            .Select(layers => new LayerSpan(models.NameOf(layers.ModelHash), layers.First, layers.End, models.LayersOf(layers.ModelHash)));
        return own.Concat(others);
    }

    private static bool IsLoading(HeldStage stage) => stage.State is StageState.Fetching or StageState.Loading;

    private static LoadCard LoadOf(HeldStage stage) => new(
        $"{ShownText.Fit(stage.ModelName)}, layers {ShownValue.Layers(stage.Layers.First, stage.Layers.End)}",
        StageProgressText.Of(stage.Progress with { State = stage.State }),
        stage.Progress.BytesTotal > 0 ? ShownValue.Percent(stage.Progress.BytesDone, stage.Progress.BytesTotal) : null);

    // Whoever waits for others shows that, and not the little that is on this machine.
    private static IEnumerable<LoadCard> LoadsOf(SwarmFacts facts) =>
        facts.Status is { State: not HeadState.Ready } status ? [LoadOf(status, facts.Model)]
        : facts is { Model: null, Loading: { } loading } ? [new(
            "This node's model",
            StageProgressText.Of(loading),
            loading.BytesTotal > 0 ? ShownValue.Percent(loading.BytesDone, loading.BytesTotal) : null)]
        : [];

    private static LoadCard LoadOf(HeadStatus status, string? model) =>
        new(model ?? "This node's model", ShownText.Fit(status.Message), status.Progress is { } part ? ShownValue.Percent(part, 1) : null);
}
