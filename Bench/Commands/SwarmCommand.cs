using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using ManagedSwarm.Bench.Reports;
using ManagedSwarm.Bench.Swarm;

namespace ManagedSwarm.Bench.Commands;

/// <summary><c>swarm</c>: how fast members of simulated swarms know each other, what that costs, and how it grows.</summary>
internal sealed class SwarmCommand
{
    private readonly Option<int[]> _nodes = new("--nodes")
    {
        Description = "Sizes",
        DefaultValueFactory = _ => [16, 100, 1000, 10_000],
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<int> _seed = new("--seed") { Description = "Of what is drawn", DefaultValueFactory = _ => 1 };

    private readonly Option<int> _view = new("--view")
    {
        Description = "Members that a node of the largest swarms knows at most",
        DefaultValueFactory = _ => 256,
    };

    private readonly Option<string?> _output = new("--output") { Description = "The Markdown file to write; by default a new one in Bench/results" };

    public static Command Create(IReadOnlyList<string> arguments)
    {
        var swarm = new SwarmCommand();
        var command = new Command("swarm", "Membership of simulated swarms, in virtual time")
        {
            swarm._nodes, swarm._seed, swarm._view, swarm._output,
        };
        command.SetAction(parsed => swarm.Run(parsed, arguments));
        return command;
    }

    private int Run(ParseResult parsed, IReadOnlyList<string> arguments)
    {
        var seed = parsed.GetValue(_seed);
        var report = new Report("swarm", "Swarm", $"one process, virtual time, seed {seed}", arguments);
        report.AddParagraph(
            "Messages take 1 to 20 ms. Up to 1,000 nodes all start at once and know only the first one; of more, 200 start each second, each knowing "
            + "one that was there before, and they keep the records of only so many members as their view holds (the rest is the DHT's to find). "
            + "Bytes are those that a node sends, with what yamux and noise add to each message, over 2 minutes of rest "
            + "(30 seconds of the largest swarms); TCP's and IP's are not counted.");
        var table = new MarkdownTable(
            "nodes", "view", "seconds until all see all, or views are full", "sessions", "bytes/s per node", "of them at most", "messages/s per node",
            "seconds until all agree after 10 % die", "KiB per node for that", "events", "real seconds");
        foreach (var nodes in parsed.GetValue(_nodes)!)
        {
            var watch = Stopwatch.StartNew();
            var result = new SwarmTrial(nodes, parsed.GetValue(_view), seed, Progress.Say).Run();
            table.Add(
                $"{nodes}",
                $"{result.View}",
                Seconds(result.UntilSeen),
                Rounds.Digits(result.Sessions),
                Rounds.Digits(result.BytesPerSecond),
                Rounds.Digits(result.MostBytesPerSecond),
                Rounds.Digits(result.MessagesPerSecond),
                Seconds(result.UntilAgreed),
                Rounds.Digits(result.AgreementBytes / 1024),
                $"{result.Events}",
                Rounds.Digits(watch.Elapsed.TotalSeconds));
        }

        report.AddTable(table);
        report.Save(parsed.GetValue(_output));
        return 0;
    }

    private static string Seconds(TimeSpan? time) => time?.TotalSeconds.ToString("F1", CultureInfo.InvariantCulture) ?? "not in time";
}
