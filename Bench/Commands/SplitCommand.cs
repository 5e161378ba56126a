using System.CommandLine;
using ManagedSwarm.Bench.Processes;
using ManagedSwarm.Bench.Reports;
using ManagedSwarm.Bench.Splits;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Bench.Commands;

/// <summary><c>split</c>: one model over workers of a core each, beside one process on one core.</summary>
internal sealed class SplitCommand
{
    private readonly Argument<string?> _file = new("file")
    {
        Description = "A GGUF file; none: a model of 1.1 billion parameters in Q4_K_M is made and kept in the temporary folder",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string[]> _layers = new("--layers")
    {
        Description = "The layers of a worker, such as 0..10; without it, two workers with a half each",
    };

    private readonly Option<int> _rounds = new("--rounds") { Description = "Rounds", DefaultValueFactory = _ => 5 };
    private readonly Option<int> _tg = new("--tg") { Description = "Tokens of replies", DefaultValueFactory = _ => 64 };
    private readonly Option<int[]> _pp = new("--pp") { Description = "Tokens of prompts", DefaultValueFactory = _ => [512, 2048] };
    private readonly Option<int> _requests = new("--requests") { Description = "Replies at once", DefaultValueFactory = _ => 8 };
    private readonly Option<string?> _output = new("--output") { Description = "The Markdown file to write; by default a new one in Bench/results" };

    public static Command Create(IReadOnlyList<string> arguments)
    {
        var split = new SplitCommand();
        var command = new Command("split", "One model over workers of a core each, beside one process on one core")
        {
            split._file, split._layers, split._rounds, split._tg, split._pp, split._requests, split._output,
        };
        command.SetAction((parsed, _) => split.RunAsync(parsed, arguments));
        return command;
    }

    private static IReadOnlyList<string> Halves(string model)
    {
        using var file = GgufFile.Open(model);
        var layers = Engine.Model.ModelConfig.FromMetadata(file.Metadata).LayerCount;
        return [$"0..{(layers / 2) - 1}", $"{layers / 2}..{layers - 1}"];
    }

    private async Task<int> RunAsync(ParseResult parsed, IReadOnlyList<string> arguments)
    {
        var model = Path.GetFullPath(parsed.GetValue(_file) ?? BenchModels.Make()[1]);
        var layers = parsed.GetValue(_layers) is { Length: > 0 } given ? given : Halves(model);
        var plan = new SplitBenchPlan(parsed.GetValue(_tg), parsed.GetValue(_pp)!, parsed.GetValue(_requests));
        var rounds = parsed.GetValue(_rounds);
        var settings = $"{layers.Count} workers ({string.Join(", ", layers)}), processes over loopback";
        var report = new Report("split", "A split model", settings, arguments, [ProgramFile.Variable]);
        report.AddParagraph(
            $"{Path.GetFileName(model)}. Tokens per second as an HTTP client sees them; medians of {rounds} rounds [each round in brackets], both by turns. "
            + "Each worker has one core and one thread; the head, with embedding, output matrix, sampling and HTTP, shares the first worker's core. "
            + "The whole model has that core alone, and one thread.");
        var folder = Directory.CreateTempSubdirectory("managedswarm-split-").FullName;
        try
        {
            await using var contest = new SplitContest(model, layers, plan, folder);
            await contest.StartAsync();
            await contest.RunAsync(rounds);
            report.AddTable(TableOf(contest, plan));
            if (plan.Requests > 1)
            {
                report.AddParagraph(BoundOf(contest, plan));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        report.Save(parsed.GetValue(_output));
        return 0;
    }

    private static string BoundOf(SplitContest contest, SplitBenchPlan plan)
    {
        var memory = MemoryBound.Measure();
        var ratio = memory.Ratio(contest.Whole[SplitContest.Decode].Median, contest.Whole[SplitContest.Aggregate].Median, plan.Requests);
        return $"One core reads {Rounds.Digits(memory.OneCore)} GB/s from memory, two read {Rounds.Digits(memory.TwoCores)} together. "
            + "What of a token's time does not grow with the number of replies is reading; two groups read the weights twice, where one process "
            + $"reads them once: at this bandwidth two workers could reach {Rounds.Digits(ratio)} with {plan.Requests} replies, if a hop and the head cost nothing.";
    }

    private static MarkdownTable TableOf(SplitContest contest, SplitBenchPlan plan)
    {
        var table = new MarkdownTable("tokens/s", "whole model, one core", "split", "ratio", "llama.cpp RPC (b4748)", "asked");
        Add("one reply", SplitContest.Decode, "0.78", "at least 0.96");
        foreach (var tokens in plan.PromptTokens)
        {
            Add($"prompt of {tokens}", SplitContest.Prefill + tokens, tokens == 512 ? "1.21" : "", tokens > 1024 ? "at least 1.85" : "at least 1.7");
        }

        Add($"{plan.Requests} replies at once", SplitContest.Aggregate, "not possible", "at least 1.5");
        return table;

        void Add(string name, string what, string peer, string asked) => table.Add(
            name, contest.Whole[what].ToString(), contest.Split[what].ToString(), $"**{contest.Split[what].Over(contest.Whole[what])}**", peer, asked);
    }
}
