using System.Text.Json;
using ManagedSwarm.Server.Commands;
using ManagedSwarm.Transport.Membership;
using Spectre.Console;

namespace ManagedSwarm.Server.Drills;

/// <summary>What came of a drill, for people and for programs.</summary>
internal static class DrillView
{
    public static void WriteTable(TextWriter output, IReadOnlyList<DrillRow> rows)
    {
        var table = new Table().RoundedBorder();
        foreach (var column in DrillText.Columns)
        {
            table.AddColumn(new TableColumn(new Text(column)));
        }

        foreach (var row in rows)
        {
            table.AddRow(DrillText.Cells(row).Select(cell => new Text(ShownText.Fit(cell))));
        }

        var console = SwarmTable.ConsoleFor(output);
        console.Write(table);
        foreach (var row in rows.Where(row => row.Skipped is not null || !row.IsFine))
        {
            console.WriteLine(ShownText.Fit($"{row.Action}: {DrillText.Outcome(row)}"));
        }
    }

    public static void WriteJson(TextWriter output, DrillPlan plan, IReadOnlyList<DrillRow> rows)
    {
        var body = new DrillBody(
            Path.GetFileName(plan.Model),
            plan.LayerCount,
            plan.Workers,
            plan.Spares,
            plan.PromptTokens,
            plan.ReplyTokens,
            plan.Seed,
            rows.All(row => row.IsFine),
            [.. rows.Select(DrillRowBody.Of)]);
        output.WriteLine(JsonSerializer.Serialize(body, DrillJson.Wire.DrillBody));
    }
}
