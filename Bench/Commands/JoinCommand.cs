using System.CommandLine;
using System.Globalization;
using ManagedSwarm.Bench.Drills;
using ManagedSwarm.Bench.Reports;
using ManagedSwarm.Server.Commands;
using ManagedSwarm.Server.Drills;

namespace ManagedSwarm.Bench.Commands;

/// <summary><c>join</c>: how soon a worker that comes late makes replies faster.</summary>
internal sealed class JoinCommand
{
    private readonly Argument<string?> _file = new("file")
    {
        Description = "A GGUF file; none: the small model that ships",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<int> _clients = new("--clients") { Description = "Replies at once", DefaultValueFactory = _ => 8 };
    private readonly Option<int> _prompt = new("--prompt") { Description = "Tokens of prompts", DefaultValueFactory = _ => 32 };
    private readonly Option<int> _tokens = new("--tokens") { Description = "Tokens of replies", DefaultValueFactory = _ => 128 };
    private readonly Option<double> _before = new("--before") { Description = "Seconds with one worker", DefaultValueFactory = _ => 20 };
    private readonly Option<double> _behind = new("--behind") { Description = "Seconds from the start of the other one", DefaultValueFactory = _ => 40 };
    private readonly Option<string> _objective = new("--objective")
    {
        Description = "What the head's plans are for",
        DefaultValueFactory = _ => "reply-time",
    };

    private readonly Option<string?> _lose = new Option<string?>("--lose")
    {
        Description = "Kills the worker that gives layers or the one that takes them, each round a little later; by default none",
    }.AcceptOnlyFromAmong("giver", "taker");

    private readonly Option<int> _rounds = new("--rounds") { Description = "Rounds, each with processes of its own", DefaultValueFactory = _ => 3 };
    private readonly Option<string?> _output = new("--output") { Description = "The Markdown file to write; by default a new one in Bench/results" };

    public static Command Create(IReadOnlyList<string> arguments)
    {
        var join = new JoinCommand();
        var command = new Command("join", "What a worker brings that comes while replies are being written")
        {
            join._file, join._clients, join._prompt, join._tokens, join._before, join._behind, join._objective, join._lose, join._rounds, join._output,
        };
        command.SetAction((parsed, cancellationToken) => join.RunAsync(parsed, arguments, cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("managedswarm-join-").FullName;
        try
        {
            var host = new DrillHost(folder, new DrillLimits(), TimeProvider.System, Progress.Say);
            var plan = DrillPlan.For(parsed.GetValue(_file) ?? RunCommand.DefaultModel) with
            {
                PromptTokens = parsed.GetValue(_prompt),
                ReplyTokens = parsed.GetValue(_tokens),
            };
            var clients = parsed.GetValue(_clients);
            var report = new Report(
                "join", "A worker that comes late", $"workers with one thread each, {clients} replies at once, processes over loopback", arguments);
            report.AddParagraph(
                $"{Path.GetFileName(plan.Model)}, {plan.LayerCount} layers; the head has none, and weights are fetched from it. Tokens per second of "
                + "all clients together. *Had after* is from the start of the second worker's process until it has layers; *faster after* until the "
                + "end of the first four seconds behind the hand-over in which three quarters of what it brings in the end were there.");
            var table = new MarkdownTable(
                "round", "killed after, s", "one worker", "two", "ratio", "layers", "had after, s", "faster after, s", "each 5 s from the start of the second",
                "replies", "the same", "failed");
            var isFine = true;
            var (before, behind) = (TimeSpan.FromSeconds(parsed.GetValue(_before)), TimeSpan.FromSeconds(parsed.GetValue(_behind)));
            var rounds = parsed.GetValue(_rounds);
            for (var round = 1; round <= rounds; round++)
            {
                var loss = parsed.GetValue(_lose) is { } who ? JoinLoss.InRound(who == "giver", round, rounds) : null;
                var run = new JoinRun(plan, host, clients, before, behind, parsed.GetValue(_objective)!, loss);
                var result = await run.RunAsync(cancellationToken);
                Add(table, round, loss, result);
                isFine &= result.Errors.Count == 0 && result.Same == result.Replies;
                foreach (var error in result.Errors.Distinct())
                {
                    host.Say($"a reply failed: {error}");
                }
            }

            report.AddTable(table);
            report.Save(parsed.GetValue(_output));
            return isFine ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Add(MarkdownTable table, int round, JoinLoss? loss, JoinResult result) => table.Add(
        $"{round}",
        loss is null ? "" : Seconds(loss.After),
        Rounds.Digits(result.Before),
        Rounds.Digits(result.Behind),
        Rounds.Digits(result.Behind / result.Before),
        result.Layers,
        Seconds(result.Moved),
        Seconds(result.Reached),
        string.Join(' ', result.Rates.Select(Rounds.Digits)),
        $"{result.Replies}",
        $"{result.Same}",
        $"{result.Errors.Count}");

    private static string Seconds(TimeSpan? time) => time?.TotalSeconds.ToString("F1", CultureInfo.InvariantCulture) ?? "never";
}
