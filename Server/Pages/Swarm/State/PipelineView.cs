using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Server.P2pApi;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Server.Pages.Swarm.State;

/// <summary>The models that are spread over the swarm: this node's own with all its times, and those of others as far as records show them.</summary>
internal static class PipelineView
{
    public static IReadOnlyList<PipelineCard> Of(SwarmFacts facts, ModelNames models)
    {
        var own = facts.Swarm.Split is { } split ? OwnOf(split, facts) : null;
        var others = facts.Swarm.Members
            .Where(member => member.State is "alive" or "suspect")
            .SelectMany(member => member.Layers.Select(layers => (Member: member, Layers: layers)))
            .GroupBy(one => one.Layers.ModelHash, StringComparer.Ordinal)
            .Select(group => new PipelineCard(
                models.NameOf(group.Key),
                null,
                [
                    .. group.OrderBy(one => one.Layers.First)
                        .Select(one => new PipelineStage(one.Member.Id, ShownText.Fit(one.Member.Name), one.Layers.First, one.Layers.End)),
                ]))
            .Where(pipeline => own is null || !pipeline.Stages.All(stage => own.Stages.Any(its => IsSame(its, stage))));
        return [.. own is null ? [] : new[] { own }, .. others];
    }

    private static bool IsSame(PipelineStage one, PipelineStage other) => (one.NodeId, one.First, one.End) == (other.NodeId, other.First, other.End);

    private static PipelineCard OwnOf(SplitBody split, SwarmFacts facts) => new(
        facts.Model ?? "This node's model",
        facts.Swarm.Self,
        [.. split.Stages.Select((stage, index) => StageOf(stage, facts.Work.ElementAtOrDefault(index)))],
        split.Wire,
        split.PredictedSecondsPerToken * 1000,
        split.SecondsPerToken * 1000,
        split.SecondsToFirstToken * 1000,
        split.PromptTokens,
        [.. (split.Spares ?? []).Select(spare => ShownText.Fit(spare.Name) + (spare.Ready ? "" : " (still fetching)"))]);

    private static PipelineStage StageOf(SplitStageBody stage, StageWork? work)
    {
        var isMeasured = work is { Steps: > 0 };
        return new(
            stage.Id,
            ShownText.Fit(stage.Name),
            stage.First,
            stage.End,
            // A stage on this node gets nothing over the network.
            isMeasured && work!.Bytes > 0 ? MeanOf(work.Wire, work) : null,
            isMeasured ? MeanOf(work!.Wait, work) : null,
            isMeasured ? MeanOf(work!.Compute, work) : null);
    }

    private static double MeanOf(TimeSpan total, StageWork work) => total.TotalMilliseconds / work.Steps;
}
