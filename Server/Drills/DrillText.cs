using System.Globalization;
using ManagedSwarm.Engine;

namespace ManagedSwarm.Server.Drills;

/// <summary>What came of actions, in words.</summary>
internal static class DrillText
{
    public static readonly IReadOnlyList<string> Columns =
    [
        "Stage", "How", "At", "Context", "From", "To", "Detected", "Pause", "Usual", "Replayed", "Moved", "Same", "Same afterwards",
    ];

    /// <summary>A row for <see cref="Columns"/>; what was not measured is empty.</summary>
    public static IReadOnlyList<string> Cells(DrillRow row) => row.Skipped is not null
        ? [.. Head(row), .. Enumerable.Repeat("", Columns.Count - 4), "skipped"]
        :
        [
            .. Head(row),
            row.ContextTokens.ToString(CultureInfo.InvariantCulture),
            string.Join(", ", row.From),
            string.Join(", ", row.To),
            Time(row.Detected),
            Time(row.Pause),
            Time(row.Usual),
            row.Rebuilt.ToString(CultureInfo.InvariantCulture),
            row.MovedBytes is { } bytes ? (bytes < 0 ? "-" : "") + ByteSize.Text(Math.Abs(bytes)) : "",
            YesNo(row.IsSame),
            YesNo(row.IsSameAfterwards),
        ];

    /// <summary>In a line.</summary>
    public static string Outcome(DrillRow row) => row.Skipped is { } reason ? $"skipped: {reason}"
        : row.Error is { } error ? $"failed: {error}"
        : row.IsFine ? $"the same replies, paused {Time(row.Pause)}"
        : row.IsSame ? "another reply afterwards" : "another reply";

    private static IEnumerable<string> Head(DrillRow row) => [row.Action.StagesText, row.Action.FaultText, row.Action.AtText];

    private static string YesNo(bool value) => value ? "yes" : "NO";

    private static string Time(TimeSpan? time) => time switch
    {
        null => "",
        { TotalSeconds: < 1 } some => string.Create(CultureInfo.InvariantCulture, $"{some.TotalMilliseconds:0.0} ms"),
        { } some => string.Create(CultureInfo.InvariantCulture, $"{some.TotalSeconds:0.00} s"),
    };
}
