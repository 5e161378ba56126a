using System.CommandLine;
using System.Globalization;
using ManagedSwarm.Bench.Decode;
using ManagedSwarm.Bench.Memory;
using ManagedSwarm.Bench.Peers;
using ManagedSwarm.Bench.Reports;

namespace ManagedSwarm.Bench.Commands;

/// <summary><c>speed</c>: prompts, generation and batches beside llama.cpp, and decode against the memory's bandwidth.</summary>
internal sealed class SpeedCommand
{
    private const int BlockLength = 32;

    private readonly BenchOptions _common = new();
    private readonly Option<string[]> _peers = new("--peer")
    {
        Description = "Another engine: NAME=path/of/llama-bench or NAME=path,ARGUMENTS. LLAMA_BENCH and IK_LLAMA_BENCH (a path each) name more",
    };

    private readonly Option<int> _rounds = new("--rounds") { Description = "Rounds", DefaultValueFactory = _ => 5 };
    private readonly Option<int> _repetitions = new("--repetitions") { Description = "Runs per round", DefaultValueFactory = _ => 2 };
    private readonly Option<int> _warmUp = new("--warm-up") { Description = "Seconds", DefaultValueFactory = _ => 10 };
    private readonly Option<int[]> _prompts = Sizes("--pp", "Tokens of prompts", 512);
    private readonly Option<int[]> _generations = Sizes("--tg", "Tokens of generations", 64, 128);
    private readonly Option<int[]> _batches = Sizes("--batch", "Sequences that decode together", 1, 4, 16);

    public static Command Create(IReadOnlyList<string> arguments)
    {
        var speed = new SpeedCommand();
        var command = new Command("speed", "Prompts, generation and batches, beside llama.cpp where there is one")
        {
            speed._peers, speed._rounds, speed._repetitions, speed._warmUp, speed._prompts, speed._generations, speed._batches,
        };
        speed._common.AddTo(command);
        command.SetAction((parsed, _) => speed.RunAsync(parsed, arguments));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, IReadOnlyList<string> arguments)
    {
        var settings = _common.Settings(parsed);
        Peer[] peers = [.. Peer.FromEnvironment(), .. (parsed.GetValue(_peers) ?? []).Select(Peer.Parse)];
        var plan = new SpeedPlan
        {
            Prompts = parsed.GetValue(_prompts)!,
            Generations = parsed.GetValue(_generations)!,
            Batches = parsed.GetValue(_batches)!,
            Repetitions = parsed.GetValue(_repetitions),
        };
        var report = new Report("speed", "Speed", settings.ToString(), arguments, Peer.Variables);
        report.AddParagraph(Legend(plan, parsed.GetValue(_rounds)));
        foreach (var model in _common.Models(parsed))
        {
            Progress.Say(Path.GetFileName(model));
            await MeasureAsync(model, settings, plan, peers, parsed, report);
        }

        report.Save(_common.Output(parsed));
        return 0;
    }

    private async Task MeasureAsync(string model, EngineSettings settings, SpeedPlan plan, Peer[] peers, ParseResult parsed, Report report)
    {
        await using var session = new EngineSession(model, settings, plan.CapacityTokens(BlockLength));
        using var bandwidth = new ReadBandwidth(settings.Threads);
        var engine = new EngineContestant(session, plan);
        var others = peers.Select(peer => new PeerContestant(peer, model, settings.Threads, plan)).ToList();
        engine.WarmUp(TimeSpan.FromSeconds(parsed.GetValue(_warmUp)));
        var contest = new Contest([engine, .. others], bandwidth);
        contest.Run(parsed.GetValue(_rounds));

        report.AddSection($"{Path.GetFileName(model)}, {Rounds.Digits(session.FileBytes / 1e6)} MB");
        report.AddTable(SpeedTable(contest, engine, others, plan));
        report.AddTable(BandwidthTable(contest, engine, plan, session.BytesPerToken));
    }

    private static MarkdownTable SpeedTable(Contest contest, EngineContestant engine, List<PeerContestant> others, SpeedPlan plan)
    {
        var table = new MarkdownTable(["tokens/s", engine.Name, .. others.SelectMany(other => new[] { Heading(other), "ratio" })]);
        foreach (var test in plan.Tests)
        {
            var ours = contest.SpeedOf(engine, test)!;
            table.Add([test, ours.ToString(), .. others.SelectMany(other => Compare(ours, contest.SpeedOf(other, test)))]);
        }

        return table;
    }

    private static string[] Compare(Rounds ours, Rounds? theirs) =>
        theirs is null ? ["n/a", ""] : [theirs.ToString(), $"**{ours.Over(theirs).Median.ToString("F2", CultureInfo.InvariantCulture)}**"];

    private static string Heading(PeerContestant peer) => $"{peer.Name} {peer.Version} {peer.Arguments}".TrimEnd();

    private static MarkdownTable BandwidthTable(Contest contest, EngineContestant engine, SpeedPlan plan, long bytesPerToken)
    {
        var table = new MarkdownTable("memory", "GB/s", "of the read loop");
        table.Add("read loop, huge pages where the system gives them", contest.Bandwidth.ToString(), "");
        foreach (var test in plan.Generations.Select(SpeedPlan.GenerationName))
        {
            var read = contest.SpeedOf(engine, test)!.Times(bytesPerToken / 1e9);
            table.Add(
                $"{test}, {Rounds.Digits(bytesPerToken / 1e6)} MB of weights per token", read.ToString(), Percent(read.Over(contest.Bandwidth)));
        }

        return table;
    }

    private static string Percent(Rounds fraction) => string.Create(CultureInfo.InvariantCulture, $"**{fraction.Median * 100:F0} %**");

    private static string Legend(SpeedPlan plan, int rounds) =>
        $"Medians of {rounds} rounds [each round in brackets]; in a round the read loop, then each engine in turn, another one first each time, "
        + $"{plan.Repetitions} runs each. Ratios are the medians of the rounds' ratios, above 1 where this engine is faster. pp: a prompt into an "
        + "empty context; tg: tokens one by one into an empty context, as llama-bench has them; batch N: N sequences decode "
        + $"{plan.BatchTokens} tokens each behind prompts of {plan.BatchPrompt}, all together counted, as llama-batched-bench has it.";

    private static Option<int[]> Sizes(string name, string description, params int[] sizes) => new(name)
    {
        Description = $"{description} (0: none)",
        DefaultValueFactory = _ => sizes,
        AllowMultipleArgumentsPerToken = true,
        CustomParser = result => [.. result.Tokens.SelectMany(token => token.Value.Split(',')).Select(Size).Where(size => size > 0)],
    };

    private static int Size(string text) =>
        int.TryParse(text, CultureInfo.InvariantCulture, out var size) && size >= 0 ? size : throw new ArgumentException($"'{text}' is no size");
}
