using ManagedSwarm.Server.Commands;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Server.Pages.Swarm.Plans;

/// <summary>Makes what the page shows out of what <c>plan</c> prints.</summary>
internal static class PlanCards
{
    public static PlanState Of(PlanReport report)
    {
        var problem = report.Problem;
        var shape = problem.Shape;
        var names = problem.Nodes.ToDictionary(node => node.Id, node => ShownText.Fit(node.Name), StringComparer.Ordinal);
        return new(
            $"{ShownText.Fit(shape.Name)}: {shape.LayerCount} layers of {ShownValue.Bytes(shape.LayerWeightBytes.Sum())}, {report.Sequences} sequences of "
            + $"{problem.Context} tokens ({ShownValue.Bytes(shape.KvBytesPerLayer * shape.LayerCount)} for keys and values)",
            problem.Requests,
            problem.PromptTokens,
            report.StaysWhole && problem.Nodes.Count > 1
                ? $"It fits into {names[problem.Head.Id]} alone: it is split only if {SplitOptions.Split.LongName}, {SplitOptions.Layers.LongName} or "
                    + $"{SplitOptions.MinWorkers.LongName} asks for it."
                : null,
            [.. report.Plans.Select(outcome => Of(outcome, names))]);
    }

    private static PlanCard Of(PlanReport.Outcome outcome, Dictionary<string, string> names) => new(
        ShownText.Fit(outcome.Strategy),
        [
            .. (outcome.Plan?.Stages ?? []).Select(stage =>
                new PlanStage(names[stage.NodeId], stage.Layers.First, stage.Layers.End, stage.Memory.Total, stage.Free)),
        ],
        outcome.Error is { } error ? ShownText.Fit(error.Message) : null,
        outcome.Plan?.Prediction.MsPerToken,
        outcome.Plan?.Prediction.MsToFirstToken,
        outcome.Plan?.Prediction.TokensPerSecond,
        outcome.Plan?.Prediction.IsEstimated ?? false,
        outcome.Measured?.PerToken.MeasuredMs,
        outcome.Measured?.PerToken.Error,
        outcome.Measured?.FirstToken?.MeasuredMs,
        outcome.Measured?.FirstToken?.Error);
}
