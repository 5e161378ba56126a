using System.CommandLine;
using System.Globalization;
using ManagedSwarm.Bench.Reports;
using ManagedSwarm.Bench.Soak;

namespace ManagedSwarm.Bench.Commands;

/// <summary><c>soak</c>: streams of all kinds for a long time, with nothing lost and nothing left. Ends with 1 where something is.</summary>
internal sealed class SoakCommand
{
    private readonly Option<double> _minutes = new("--minutes") { Description = "How long", DefaultValueFactory = _ => 10 };
    private readonly Option<int> _seed = new("--seed") { Description = "Of what is drawn", DefaultValueFactory = _ => 1 };
    private readonly Option<int> _peers = new("--peers") { Description = "Local peers", DefaultValueFactory = _ => 3 };
    private readonly Option<string?> _output = new("--output") { Description = "The Markdown file to write; by default a new one in Bench/results" };

    public static Command Create(IReadOnlyList<string> arguments)
    {
        var soak = new SoakCommand();
        var command = new Command("soak", "Streams that open, close, reset, stall and are cut, until time is over")
        {
            soak._minutes, soak._seed, soak._peers, soak._output,
        };
        command.SetAction((parsed, cancellationToken) => soak.RunAsync(parsed, arguments, cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var options = new SoakOptions
        {
            Seed = parsed.GetValue(_seed),
            Peers = parsed.GetValue(_peers),
            Time = TimeSpan.FromMinutes(parsed.GetValue(_minutes)),
            CycleTime = TimeSpan.FromSeconds(10),
        };
        var report = new Report("soak", "Soak", $"{options.Peers} local peers with pnet, {options.Workers} streams at once, seed {options.Seed}", arguments);
        var result = await new SoakRun(options, Progress.Say).RunAsync(cancellationToken);
        Describe(result, report);
        report.Save(parsed.GetValue(_output));
        return result.Problems.Count == 0 ? 0 : 1;
    }

    private static void Describe(SoakResult result, Report report)
    {
        report.AddParagraph(
            "Streams of 0 bytes to 1 MiB each way, closed, half-closed, reset, stalled, with reads given up; every second cycle also cuts sessions "
            + "while streams are open. Both ends of each stream are compared by SHA-256. After each cycle all sessions are closed, and streams, "
            + "sessions, connections, rented buffers and tasks are counted.");
        report.AddTable(new MarkdownTable("cycles", "streams", "reset or cut", "GB", "heap after the first cycle, MB", "after the last", "slope, bytes per cycle", "problems")
            .Add(
                $"{result.Cycles}",
                $"{result.Tally.Streams}",
                $"{result.Tally.Broken}",
                Rounds.Digits(result.Tally.Bytes / 1e9),
                Rounds.Digits(result.Heap.Samples[0] / 1e6),
                Rounds.Digits(result.Heap.Samples[^1] / 1e6),
                result.Heap.Slope.ToString("F0", CultureInfo.InvariantCulture),
                result.Problems.Count == 0 ? "**none**" : $"**{result.Problems.Count}**"));
        foreach (var problem in result.Problems.Take(20))
        {
            report.AddParagraph($"- {problem}");
        }
    }
}
