using System.Globalization;
using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Planning;
using ManagedSwarm.Transport.Membership;
using Spectre.Console;

namespace ManagedSwarm.Server.Commands;

/// <summary>Plans as tables for people.</summary>
internal static class PlanTable
{
    public static void Write(IAnsiConsole console, PlanReport report)
    {
        if (report.Note is { } note)
        {
            console.WriteLine(ShownText.Fit(note));
        }

        var problem = report.Problem;
        var shape = problem.Shape;
        console.WriteLine(
            $"{ShownText.Fit(shape.Name)}: {shape.LayerCount} layers of {ByteSize.Text(shape.LayerWeightBytes.Sum())}, "
            + $"embedding and output of {ByteSize.Text(shape.HeadWeightBytes)}, {ByteSize.Text(shape.KvBytesPerLayer * shape.LayerCount)} "
            + $"for keys and values of {report.Sequences} sequences of {problem.Context} tokens");
        if (report.Plans.Any(plan => plan.Plan is not null))
        {
            console.Write(StagesOf(report));
            console.Write(TimesOf(report));
        }

        foreach (var outcome in report.Plans)
        {
            if (outcome.Error is { } error)
            {
                console.WriteLine($"{ShownText.Fit(outcome.Strategy)} cannot: {ShownText.Fit(error.Message)}");
            }
        }

        foreach (var outcome in report.Plans.Where(outcome => outcome.Measured is not null))
        {
            console.WriteLine($"{ShownText.Fit(outcome.Strategy)}, as it ran last: {outcome.Measured}");
        }

        if (report.StaysWhole && problem.Nodes.Count > 1)
        {
            console.WriteLine(
                $"It fits into {ShownText.Fit(problem.Head.Name)} alone: 'run' splits it only if {SplitOptions.Split.LongName}, "
                + $"{SplitOptions.Layers.LongName} or {SplitOptions.MinWorkers.LongName} asks for it.");
        }
    }

    private static Table StagesOf(PlanReport report)
    {
        var table = TableWith("Strategy", "Node", "Layers", "Weights", "Keys and values", "Workspace", "Embedding, output", "Needed", "Free");
        foreach (var (strategy, plan, _, _) in report.Plans)
        {
            foreach (var (index, cells) in (plan is null ? [] : RowsOf(report.Problem, plan)).Index())
            {
                AddRow(table, [index == 0 ? strategy : "", .. cells]);
            }
        }

        return table;
    }

    private static IEnumerable<string[]> RowsOf(SplitProblem problem, SplitPlan plan)
    {
        var head = problem.Head;
        if (plan.Stages.All(stage => stage.NodeId != head.Id))
        {
            var bytes = ByteSize.Text(problem.Shape.HeadWeightBytes);
            yield return [NameOf(head), "none", "", "", "", bytes, bytes, ByteSize.Text(head.FreeMemory)];
        }

        var nodes = problem.Nodes.ToDictionary(node => node.Id, StringComparer.Ordinal);
        foreach (var (nodeId, layers, memory, free) in plan.Stages)
        {
            yield return
            [
                NameOf(nodes[nodeId]),
                layers.ToString(),
                ByteSize.Text(memory.Weights),
                ByteSize.Text(memory.Kv),
                ByteSize.Text(memory.Workspace),
                memory.Head > 0 ? ByteSize.Text(memory.Head) : "",
                ByteSize.Text(memory.Total),
                ByteSize.Text(free),
            ];
        }
    }

    private static string NameOf(NodeProfile node) => node.Name + (node.IsHead ? " (head)" : "");

    private static Table TimesOf(PlanReport report)
    {
        var problem = report.Problem;
        var table = TableWith("Strategy", "Per token", $"First token of {problem.PromptTokens}", $"{problem.Requests} requests", "Times of layers");
        foreach (var (strategy, plan, _, _) in report.Plans)
        {
            if (plan?.Prediction is { } prediction)
            {
                AddRow(
                    table,
                    strategy,
                    MillisecondsOf(prediction.MsPerToken),
                    MillisecondsOf(prediction.MsToFirstToken),
                    string.Create(CultureInfo.InvariantCulture, $"{prediction.TokensPerSecond:0.0} tokens/s"),
                    prediction.IsEstimated ? "estimated" : "measured");
            }
        }

        return table;
    }

    private static Table TableWith(params IEnumerable<string> columns)
    {
        var table = new Table().RoundedBorder();
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(new Text(column)));
        }

        return table;
    }

    private static void AddRow(Table table, params IEnumerable<string> cells) => table.AddRow(cells.Select(text => new Text(ShownText.Fit(text))));

    private static string MillisecondsOf(double ms) => ms < 1000
        ? string.Create(CultureInfo.InvariantCulture, $"{ms:0.0} ms")
        : string.Create(CultureInfo.InvariantCulture, $"{ms / 1000:0.0} s");
}
