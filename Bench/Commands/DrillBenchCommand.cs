using System.CommandLine;
using System.Globalization;
using ManagedSwarm.Bench.Drills;
using ManagedSwarm.Bench.Reports;
using ManagedSwarm.Server.Commands;
using ManagedSwarm.Server.Drills;

namespace ManagedSwarm.Bench.Commands;

/// <summary><c>drill</c>: what the loss of workers costs a reply, in all ways; or, with <c>--soak</c>, random losses for a long time.</summary>
internal sealed class DrillBenchCommand
{
    private readonly Argument<string?> _file = new("file")
    {
        Description = "A GGUF file; none: the small model that ships",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<int> _workers = new("--workers") { Description = "Workers with a stage each", DefaultValueFactory = _ => 3 };
    private readonly Option<int[]> _spares = new("--spares") { Description = "Numbers of further workers", DefaultValueFactory = _ => [0, 1] };
    private readonly Option<int[]> _prompts = new("--prompts") { Description = "Tokens of prompts", DefaultValueFactory = _ => [256] };
    private readonly Option<int> _tokens = new("--tokens") { Description = "Tokens of replies", DefaultValueFactory = _ => 48 };
    private readonly Option<int> _at = new("--at") { Description = "Tokens of a reply before a fault in it", DefaultValueFactory = _ => 16 };
    private readonly Option<DrillFault[]> _how = new("--how") { Description = "Faults", DefaultValueFactory = _ => Enum.GetValues<DrillFault>() };
    private readonly Option<int> _threads = new("--threads")
    {
        Description = "Threads that compute, of each node; 0: one per core",
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<bool> _haveFile = new("--have-file") { Description = "Workers read the model's file instead of fetching their layers" };
    private readonly Option<bool> _soak = new("--soak") { Description = "Random kills instead, until time is over" };
    private readonly Option<double> _minutes = new("--minutes") { Description = "How long the soak takes", DefaultValueFactory = _ => 30 };
    private readonly Option<int> _seed = new("--seed") { Description = "Of what is drawn", DefaultValueFactory = _ => 1 };
    private readonly Option<string?> _output = new("--output") { Description = "The Markdown file to write; by default a new one in Bench/results" };

    public static Command Create(IReadOnlyList<string> arguments)
    {
        var drill = new DrillBenchCommand();
        var command = new Command("drill", "What the loss of workers costs a reply, and whether it stays the same")
        {
            drill._file, drill._workers, drill._spares, drill._prompts, drill._tokens, drill._at, drill._how, drill._threads,
            drill._haveFile, drill._soak, drill._minutes, drill._seed, drill._output,
        };
        drill._prompts.AllowMultipleArgumentsPerToken = true;
        drill._spares.AllowMultipleArgumentsPerToken = true;
        drill._how.AllowMultipleArgumentsPerToken = true;
        command.SetAction((parsed, cancellationToken) => drill.RunAsync(parsed, arguments, cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("managedswarm-drill-").FullName;
        try
        {
            var host = new DrillHost(folder, new DrillLimits(), TimeProvider.System, Progress.Say);
            var plan = DrillPlan.For(parsed.GetValue(_file) ?? RunCommand.DefaultModel) with
            {
                Workers = parsed.GetValue(_workers),
                ReplyTokens = parsed.GetValue(_tokens),
                Seed = parsed.GetValue(_seed),
                Threads = parsed.GetValue(_threads),
                HaveFile = parsed.GetValue(_haveFile),
            };
            var isSoak = parsed.GetValue(_soak);
            var report = new Report(
                isSoak ? "drill-soak" : "drill",
                isSoak ? "Random losses of workers" : "Losses of workers",
                $"{plan.Workers} workers with {ThreadsOf(plan)} each, processes over loopback, seed {plan.Seed}",
                arguments);
            var isFine = isSoak
                ? await SoakAsync(parsed, plan, host, report, cancellationToken)
                : await TryAllAsync(parsed, plan, host, report, cancellationToken);
            report.Save(parsed.GetValue(_output));
            return isFine ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string ThreadsOf(DrillPlan plan) => plan.Threads switch
    {
        0 => "a thread per core",
        1 => "one thread",
        _ => $"{plan.Threads} threads",
    };

    private async Task<bool> TryAllAsync(
        ParseResult parsed, DrillPlan plan, DrillHost host, Report report, CancellationToken cancellationToken)
    {
        report.AddParagraph(
            $"{Path.GetFileName(plan.Model)}, {plan.LayerCount} layers. *Same*: text, tokens, log-probabilities and usage of the reply are those of an "
            + "undisturbed one; *same afterwards*: so are those of the next reply. *Pause* is the longest wait for a token behind the fault, detection "
            + "included, for a prompt the wait for its first token; *usual* is the same without a fault. *Detected* is when the head said that a stage is "
            + "lost, counted from when the fault was begun: a reset takes some commands of the system. *Replayed* are the tokens of context that whoever took the layers was told; *moved* is what all nodes that live received from the "
            + "fault on, more than without it: weights, hidden states and all else.");
        int[] times = [0, parsed.GetValue(_at)];
        var stages = Enumerable.Range(1, plan.Workers);
        plan = plan with
        {
            Actions = [.. parsed.GetValue(_how)!.SelectMany(fault => times.SelectMany(at => stages.Select(stage => new DrillAction([stage], fault, at))))],
        };
        var isFine = true;
        foreach (var prompt in parsed.GetValue(_prompts)!)
        {
            foreach (var spares in parsed.GetValue(_spares)!)
            {
                await using var run = new DrillRun(plan with { PromptTokens = prompt, Spares = spares }, host);
                var rows = await run.RunAsync(cancellationToken);
                isFine &= rows.All(row => row.IsFine);
                AddTable(report, prompt, spares, rows);
            }
        }

        return isFine;
    }

    private static void AddTable(Report report, int prompt, int spares, IReadOnlyList<DrillRow> rows)
    {
        report.AddSection($"A prompt of {prompt}, {(spares == 0 ? "no spare" : $"{spares} spare")}");
        var table = new MarkdownTable([.. DrillText.Columns]);
        foreach (var row in rows)
        {
            table.Add(DrillText.Cells(row));
        }

        report.AddTable(table);
        foreach (var text in rows.Where(row => row.Skipped is not null || !row.IsFine).Select(row => $"- {row.Action}: {DrillText.Outcome(row)}").Distinct())
        {
            report.AddParagraph(text);
        }
    }

    private async Task<bool> SoakAsync(
        ParseResult parsed, DrillPlan plan, DrillHost host, Report report, CancellationToken cancellationToken)
    {
        plan = plan with { PromptTokens = parsed.GetValue(_prompts)!.Max(), Spares = parsed.GetValue(_spares)!.Max() };
        var soak = new DrillSoak(plan, host, TimeSpan.FromMinutes(parsed.GetValue(_minutes)));
        var result = await soak.RunAsync(cancellationToken);
        report.AddParagraph(
            $"{Path.GetFileName(plan.Model)}, {plan.Workers} workers and {plan.Spares} spare. One reply after the other, of prompts of up to {plan.PromptTokens} "
            + $"tokens; meanwhile a worker drawn at random is killed, and started anew some seconds later. Memory is what is resident in all of "
            + "them when they have answered each request once, and when all are back and have done so again.");
        report.AddTable(new MarkdownTable("minutes", "kills", "replies", "the same", "others", "errors", "head, MB", "workers, MB", "problems").Add(
            result.Time.TotalMinutes.ToString("F1", CultureInfo.InvariantCulture),
            $"{result.Kills}",
            $"{result.Replies}",
            $"{result.Same}",
            $"{result.Others}",
            $"{result.Errors.Count}",
            $"{Rounds.Digits(result.Start.Head / 1e6)} → {Rounds.Digits(result.End.Head / 1e6)}",
            $"{Rounds.Digits(result.Start.Workers / 1e6)} → {Rounds.Digits(result.End.Workers / 1e6)}",
            result.IsFine ? "**none**" : "**some**"));
        foreach (var error in result.Errors.Distinct().Take(20))
        {
            report.AddParagraph($"- {error}");
        }

        return result.IsFine;
    }
}
