using System.CommandLine;
using ManagedSwarm.Bench.Hops;
using ManagedSwarm.Bench.Reports;

namespace ManagedSwarm.Bench.Commands;

/// <summary><c>hop</c>: what a step of one token takes from one node to the next, in parts, and beside a transfer of weights.</summary>
internal sealed class HopCommand
{
    private readonly Argument<string?> _file = new("file")
    {
        Description = "A GGUF file whose first half is fetched beside steps; none: steps alone",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<int> _rounds = new("--rounds") { Description = "Rounds", DefaultValueFactory = _ => 5 };
    private readonly Option<int> _steps = new("--steps") { Description = "Steps of each turn", DefaultValueFactory = _ => 2000 };
    private readonly Option<int> _workers = new("--workers") { Description = "Workers of the longest chain", DefaultValueFactory = _ => 3 };
    private readonly Option<string?> _output = new("--output") { Description = "The Markdown file to write; by default a new one in Bench/results" };

    public static Command Create(IReadOnlyList<string> arguments)
    {
        var hop = new HopCommand();
        var command = new Command("hop", "What a step of one token takes from one node to the next")
        {
            hop._file, hop._rounds, hop._steps, hop._workers, hop._output,
        };
        command.SetAction((parsed, _) => hop.RunAsync(parsed, arguments));
        return command;
    }

    /// <summary>What <c>hop</c> and <c>weights</c> start: a worker, until its standard input ends.</summary>
    public static Command CreateWorker()
    {
        var (token, cache) = (new Argument<string>("token"), new Argument<string>("cache"));
        var command = new Command(StageProcess.CommandName) { token, cache };
        command.Hidden = true;
        command.SetAction((parsed, _) => StageProcessLoop.RunAsync(parsed.GetValue(token)!, parsed.GetValue(cache)!, Console.In, Console.Out));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, IReadOnlyList<string> arguments)
    {
        var (rounds, steps, workers) = (parsed.GetValue(_rounds), parsed.GetValue(_steps), parsed.GetValue(_workers));
        var report = new Report("hop", "A hop", $"{workers} workers, processes over loopback", arguments);
        report.AddParagraph(
            $"Steps of one token of {HopChain.HiddenSize} floats in f32, one after the other, through stages that compute nothing: what a step takes "
            + "from its start to its result, less what stages computed, divided by the hops (one more than there are workers). The head has one "
            + "core, the first worker the other one, a second one the head's, and so on. "
            + $"Microseconds; medians of {rounds} rounds [each round in brackets], {steps} steps each; "
            + $"where stages read memory before they answer, {Math.Max(20, steps / 20)}.");
        var folder = Directory.CreateTempSubdirectory("managedswarm-hop-").FullName;
        try
        {
            using var transfer = parsed.GetValue(_file) is { } file ? new ServedModel(Path.GetFullPath(file), layers: 0, folder) : null;
            await using var contest = new HopContest(workers, steps, transfer, folder);
            await contest.StartAsync();
            await contest.RunAsync(rounds);
            new HopReport(contest, workers, transfer is not null).AddTo(report);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        report.Save(parsed.GetValue(_output));
        return 0;
    }
}
