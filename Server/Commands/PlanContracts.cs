using System.Text.Json.Serialization;

namespace ManagedSwarm.Server.Commands;

// The JSON of 'plan --json'. Names become snake_case; times are milliseconds and sizes bytes.

/// <param name="Note">Where the nodes are from, where that is not obvious.</param>
/// <param name="StaysWhole">Whether <c>run</c> would not split it unless it is told to.</param>
internal sealed record PlanBody(
    PlannedModelBody Model,
    string Objective,
    int MinWorkers,
    bool StaysWhole,
    string? Note,
    IReadOnlyList<PlannedNodeBody> Nodes,
    IReadOnlyList<StrategyBody> Plans);

/// <param name="Context">Tokens of each sequence.</param>
/// <param name="Sequences">For which there is room.</param>
internal sealed record PlannedModelBody(
    string Name, int Layers, int HiddenSize, long LayerBytes, long HeadBytes, long KvBytes, long WorkspaceBytes, int Context, int Sequences);

/// <param name="IsEstimated">Whether nobody has measured how long its layers take.</param>
internal sealed record PlannedNodeBody(string Id, string Name, bool IsHead, long FreeMemory, bool IsEstimated);

/// <param name="Stages">Null: it cannot.</param>
/// <param name="Prediction">Null: it cannot.</param>
/// <param name="Error">Null: it can.</param>
/// <param name="Measured">Null: it has not run.</param>
internal sealed record StrategyBody(
    string Strategy, IReadOnlyList<PlannedStageBody>? Stages, PredictionBody? Prediction, PlanErrorBody? Error, MeasuredBody? Measured);

/// <summary>What came of a prediction at the last run. Errors are parts of what was predicted: 0.07 is 7 % longer.</summary>
/// <param name="PromptTokens">Of the prompt that was measured; the prediction here is for it.</param>
internal sealed record MeasuredBody(
    double MsPerToken,
    double MsPerTokenError,
    int? PromptTokens,
    double? PredictedMsToFirstToken,
    double? MsToFirstToken,
    double? MsToFirstTokenError,
    DateTime At);

/// <param name="End">The layer behind the last one.</param>
internal sealed record PlannedStageBody(
    string NodeId,
    string NodeName,
    int First,
    int End,
    long WeightBytes,
    long KvBytes,
    long WorkspaceBytes,
    long HeadBytes,
    long NeededBytes,
    long FreeBytes);

/// <param name="Groups">Groups of requests in flight that reach the tokens per second.</param>
/// <param name="BottleneckMs">The slowest stage or link.</param>
/// <param name="IsEstimated">Whether times of layers were not measured.</param>
internal sealed record PredictionBody(
    double MsPerToken,
    int PromptTokens,
    double MsToFirstToken,
    int Requests,
    double TokensPerSecond,
    int Groups,
    double BottleneckMs,
    bool IsEstimated);

internal sealed record PlanErrorBody(string Code, string Message);

/// <summary>How it is written: generated at build time, no reflection; a value that is not there is null.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(PlanBody))]
internal sealed partial class PlanJson : JsonSerializerContext
{
    public static PlanJson Wire => Default;
}
