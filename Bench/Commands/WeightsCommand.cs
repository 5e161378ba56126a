using System.CommandLine;
using ManagedSwarm.Bench.Hops;
using ManagedSwarm.Bench.Reports;

namespace ManagedSwarm.Bench.Commands;

/// <summary><c>weights</c>: how fast a worker gets its layers from the head, and how soon it has those that it got before.</summary>
internal sealed class WeightsCommand
{
    private const double LeastOfStream = 0.6;
    private const double MostOfLoad = 2;

    private readonly Argument<string?> _file = new("file")
    {
        Description = "A GGUF file; none: a model of 1.1 billion parameters in Q4_K_M is made and kept in the temporary folder",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<int> _layers = new("--layers") { Description = "Layers that are moved; 0: half of them" };
    private readonly Option<int> _rounds = new("--rounds") { Description = "Rounds", DefaultValueFactory = _ => 5 };
    private readonly Option<string?> _output = new("--output") { Description = "The Markdown file to write; by default a new one in Bench/results" };

    public static Command Create(IReadOnlyList<string> arguments)
    {
        var weights = new WeightsCommand();
        var command = new Command("weights", "Cold transfers and warm starts of a worker's layers")
        {
            weights._file, weights._layers, weights._rounds, weights._output,
        };
        command.SetAction((parsed, _) => weights.RunAsync(parsed, arguments));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, IReadOnlyList<string> arguments)
    {
        var path = Path.GetFullPath(parsed.GetValue(_file) ?? BenchModels.Make()[1]);
        var rounds = parsed.GetValue(_rounds);
        var report = new Report("weights", "Weights", "a head and a worker, a core each, processes over loopback", arguments);
        var folder = Directory.CreateTempSubdirectory("managedswarm-weights-").FullName;
        try
        {
            using var model = new ServedModel(path, parsed.GetValue(_layers), folder);
            report.AddParagraph(
                $"{Path.GetFileName(path)}, layers {model.Layers}: {Rounds.Digits(model.Manifest.TotalBytes / 1e6)} MB. "
                + $"Medians of {rounds} rounds [each round in brackets], all by turns; ratios are the medians of the rounds' ratios. The file is in the page cache. All streams are of the same swarm: "
                + "Noise, yamux and its private network.");
            await using var contest = new WeightsContest(model, folder);
            await contest.StartAsync();
            await contest.RunAsync(rounds);
            report.AddTable(TableOf(contest));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        report.Save(parsed.GetValue(_output));
        return 0;
    }

    private static MarkdownTable TableOf(WeightsContest contest)
    {
        var figures = contest.Figures;
        var cold = figures[WeightsContest.Cold].Over(figures[WeightsContest.Bulk]);
        var warm = figures[WeightsContest.Warm].Over(figures[WeightsContest.Load]);
        return new MarkdownTable("", "", "ratio", "asked")
            .Add("one stream from head to worker, GB/s", figures[WeightsContest.Bulk].ToString(), "", "")
            .Add(
                "cold: fetched, verified by SHA-256, and in the cache, GB/s",
                figures[WeightsContest.Cold].ToString(),
                $"**{cold}**",
                Verdict($"at least {LeastOfStream}", cold.Median >= LeastOfStream))
            .Add("the same layers loaded from the local file, s", figures[WeightsContest.Load].ToString(), "", "")
            .Add(
                $"warm: from the offer until the stage is ready, all verified again and its speed measured, s ({contest.WarmBytes} bytes sent)",
                figures[WeightsContest.Warm].ToString(),
                $"**{warm}**",
                Verdict($"at most {MostOfLoad}", warm.Median <= MostOfLoad));
    }

    private static string Verdict(string asked, bool isReached) => $"{asked}: {(isReached ? "reached" : "**missed**")}";
}
