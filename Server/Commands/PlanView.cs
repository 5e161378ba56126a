using ManagedSwarm.Engine.Planning;

namespace ManagedSwarm.Server.Commands;

/// <summary>Plans as JSON.</summary>
internal static class PlanView
{
    public static PlanBody Of(PlanReport report)
    {
        var problem = report.Problem;
        var names = problem.Nodes.ToDictionary(node => node.Id, node => node.Name, StringComparer.Ordinal);
        return new(
            Of(problem.Shape, problem.Context, report.Sequences),
            problem.Objective == SplitObjective.Throughput ? "throughput" : "reply-time",
            problem.MinWorkers,
            report.StaysWhole,
            report.Note,
            [.. problem.Nodes.Select(node => new PlannedNodeBody(node.Id, node.Name, node.IsHead, node.FreeMemory, node.IsEstimated))],
            [.. report.Plans.Select(outcome => Of(outcome, names))]);
    }

    private static PlannedModelBody Of(ModelShape shape, int context, int sequences) => new(
        shape.Name,
        shape.LayerCount,
        shape.HiddenSize,
        shape.LayerWeightBytes.Sum(),
        shape.HeadWeightBytes,
        shape.KvBytesPerLayer * shape.LayerCount,
        shape.WorkspaceBytes,
        context,
        sequences);

    private static StrategyBody Of(PlanReport.Outcome outcome, Dictionary<string, string> names) => new(
        outcome.Strategy,
        outcome.Plan is { } plan ? [.. plan.Stages.Select(stage => Of(stage, names[stage.NodeId]))] : null,
        outcome.Plan is { Prediction: var prediction } ? Of(prediction) : null,
        outcome.Error is { } error ? new(error.Code, error.Message) : null,
        outcome.Measured is { } measured ? Of(measured) : null);

    private static MeasuredBody Of(PlanComparison measured) => new(
        measured.PerToken.MeasuredMs,
        measured.PerToken.Error,
        measured.FirstToken is null ? null : measured.PromptTokens,
        measured.FirstToken?.PredictedMs,
        measured.FirstToken?.MeasuredMs,
        measured.FirstToken?.Error,
        measured.At);

    private static PlannedStageBody Of(StageAssignment stage, string name) => new(
        stage.NodeId,
        name,
        stage.Layers.First,
        stage.Layers.End,
        stage.Memory.Weights,
        stage.Memory.Kv,
        stage.Memory.Workspace,
        stage.Memory.Head,
        stage.Memory.Total,
        stage.Free);

    private static PredictionBody Of(Prediction prediction) => new(
        prediction.MsPerToken,
        prediction.PromptTokens,
        prediction.MsToFirstToken,
        prediction.Requests,
        prediction.TokensPerSecond,
        prediction.Groups,
        prediction.BottleneckMs,
        prediction.IsEstimated);
}
