using ManagedSwarm.Engine.Planning;

namespace ManagedSwarm.Server.P2p.Heads;

/// <summary>How fast a split model was, the last time.</summary>
/// <param name="ModelHash">Which model.</param>
/// <param name="Wire">What hidden states were sent as: <c>f32</c>.</param>
/// <param name="Stages">In the order of their layers.</param>
/// <param name="MsPerToken">Of one reply alone.</param>
/// <param name="PromptTokens">Of the prompt that <paramref name="MsToFirstToken"/> is about.</param>
/// <param name="MsToFirstToken">From the request to its reply's first token; null: not measured yet.</param>
/// <param name="At">When, by this node's wall clock.</param>
internal sealed record MeasuredRun(
    string ModelHash, string Wire, IReadOnlyList<MeasuredStage> Stages, double MsPerToken, int PromptTokens, double? MsToFirstToken, DateTime At)
{
    /// <summary>Whether it was of the same layers on the same nodes.</summary>
    public bool IsOf(string modelHash, string wire, SplitPlan plan) =>
        ModelHash == modelHash
        && Wire == wire
        && Stages.Select(stage => (stage.NodeId, stage.First, stage.End))
            .SequenceEqual(plan.Stages.Select(stage => (stage.NodeId, stage.Layers.First, stage.Layers.End)));

    /// <summary>Whether it is about the same.</summary>
    public bool IsLike(MeasuredRun other) =>
        ModelHash == other.ModelHash
        && Wire == other.Wire
        && Stages.Select(stage => stage with { MsPerLayer = null }).SequenceEqual(other.Stages.Select(stage => stage with { MsPerLayer = null }));

    /// <summary>Whether it can be: a file may say anything.</summary>
    public bool IsValid() =>
        ModelHash is not null
        && Wire is not null
        && IsTime(MsPerToken)
        && (MsToFirstToken is not { } first || (IsTime(first) && PromptTokens > 0))
        && Stages is { Count: > 0 }
        && Stages.All(stage => stage is { NodeId: not null, First: >= 0 } && stage.End > stage.First && (stage.MsPerLayer is not { } ms || IsTime(ms)));

    private static bool IsTime(double ms) => ms > 0 && double.IsFinite(ms);
}
