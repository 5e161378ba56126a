using System.Text.Json.Serialization;

namespace ManagedSwarm.Server.Drills;

// The JSON of 'drill --json'. Names become snake_case; times are milliseconds, and what was not measured is null.

/// <param name="IsFine">Whether all replies were the same.</param>
internal sealed record DrillBody(
    string Model, int Layers, int Workers, int Spares, int PromptTokens, int ReplyTokens, int Seed, bool IsFine, IReadOnlyList<DrillRowBody> Actions);

/// <param name="At">Tokens of the reply that had to come first; 0: none, its prompt was being computed.</param>
/// <param name="Skipped">Why nothing was done; null: it was.</param>
/// <param name="UsualMs">What <paramref name="PauseMs"/> is where nothing happens.</param>
/// <param name="MovedBytes">Received by the nodes that live, more than without the fault.</param>
internal sealed record DrillRowBody(
    IReadOnlyList<int> Stages,
    string How,
    int At,
    string? Skipped,
    int ContextTokens,
    IReadOnlyList<string> From,
    IReadOnlyList<string> To,
    double? DetectedMs,
    double? PauseMs,
    double? UsualMs,
    int ReplayedTokens,
    long? MovedBytes,
    bool IsSame,
    bool IsSameAfterwards,
    string? Error)
{
    public static DrillRowBody Of(DrillRow row) => new(
        row.Action.Stages,
        row.Action.FaultText,
        row.Action.At,
        row.Skipped,
        row.ContextTokens,
        row.From,
        row.To,
        row.Detected?.TotalMilliseconds,
        row.Pause?.TotalMilliseconds,
        row.Usual?.TotalMilliseconds,
        row.Rebuilt,
        row.MovedBytes,
        row.IsSame,
        row.IsSameAfterwards,
        row.Error);
}

/// <summary>How it is written: generated at build time, no reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(DrillBody))]
internal sealed partial class DrillJson : JsonSerializerContext
{
    public static DrillJson Wire => Default;
}
