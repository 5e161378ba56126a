using System.CommandLine;
using ManagedSwarm.Bench.Decode;
using ManagedSwarm.Bench.Reports;
using ManagedSwarm.Bench.Serving;

namespace ManagedSwarm.Bench.Commands;

/// <summary><c>serving</c>: many requests at once, a prompt whose beginning is known, long contexts.</summary>
internal sealed class ServingCommand
{
    private const int DecodedTokens = 64;
    private const int DepthTokens = 32;
    private const int ShortContext = 128;
    private const int RestTokens = 4;
    private const int BlockLength = 32;

    private readonly BenchOptions _common = new();
    private readonly Option<int> _rounds = new("--rounds") { Description = "Rounds", DefaultValueFactory = _ => 5 };
    private readonly Option<int> _concurrent = new("--concurrent") { Description = "Requests at once", DefaultValueFactory = _ => 8 };
    private readonly Option<int> _prefix = new("--prefix") { Description = "Tokens that prompts share", DefaultValueFactory = _ => 500 };
    private readonly Option<int> _depth = new("--depth") { Description = "Tokens of a long context", DefaultValueFactory = _ => 4096 };

    public static Command Create(IReadOnlyList<string> arguments)
    {
        var serving = new ServingCommand();
        var command = new Command("serving", "Requests at once, shared beginnings of prompts, long contexts")
        {
            serving._rounds, serving._concurrent, serving._prefix, serving._depth,
        };
        serving._common.AddTo(command);
        command.SetAction((parsed, _) => serving.RunAsync(parsed, arguments));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, IReadOnlyList<string> arguments)
    {
        var settings = _common.Settings(parsed);
        var report = new Report("serving", "Serving", settings.ToString(), arguments);
        report.AddParagraph(
            $"Medians of {parsed.GetValue(_rounds)} rounds [each round in brackets]; ratios are the medians of the rounds' ratios. The first "
            + "rows go through generator, scheduler and sampling, the last through the stage and the head.");
        foreach (var model in _common.Models(parsed))
        {
            Progress.Say(Path.GetFileName(model));
            var table = new MarkdownTable("what", "found", "unit", "compared with", "found", "ratio");
            await AddRequestsAsync(table, model, settings, parsed);
            await AddDepthsAsync(table, model, settings, parsed);
            report.AddSection(Path.GetFileName(model));
            report.AddTable(table);
        }

        report.Save(_common.Output(parsed));
        return 0;
    }

    private async Task AddRequestsAsync(MarkdownTable table, string model, EngineSettings settings, ParseResult parsed)
    {
        var (concurrent, prefix) = (parsed.GetValue(_concurrent), parsed.GetValue(_prefix));
        await using var load = await RequestLoad.LoadAsync(
            model, settings, concurrent, context: Math.Max(prefix + RestTokens, DecodedTokens + BlockLength) + BlockLength);
        var (single, together) = (new List<double>(), new List<double>());
        var (unseen, seen) = (new List<double>(), new List<double>());

        // The first round warms up.
        for (var round = 0; round <= parsed.GetValue(_rounds); round++)
        {
            single.Add(await load.DecodeAsync(1, DecodedTokens));
            together.Add(await load.DecodeAsync(concurrent, DecodedTokens));
            var (first, second) = await load.FirstTokenAsync(prefix, RestTokens);
            unseen.Add(first);
            seen.Add(second);
            Progress.Say(
                $"{(round == 0 ? "warm-up" : $"round {round}")}: decode {Rounds.Digits(single[^1])}, {concurrent} at once "
                + $"{Rounds.Digits(together[^1])} tokens/s; first token {Rounds.Digits(first * 1e3)}, {Rounds.Digits(second * 1e3)} ms");
        }

        Add(table, $"decode, {concurrent} requests at once", "tokens/s", together[1..], "one request", single[1..], 1, inverse: false);
        Add(
            table,
            $"first token, {prefix} of {prefix + RestTokens} tokens seen before",
            "ms",
            seen[1..],
            "none seen before",
            unseen[1..],
            1e3,
            inverse: true);
    }

    private async Task AddDepthsAsync(MarkdownTable table, string model, EngineSettings settings, ParseResult parsed)
    {
        int[] depths = [ShortContext, parsed.GetValue(_depth)];
        await using var session = new EngineSession(model, settings, depths.Sum(depth => depth + DepthTokens + BlockLength));
        var contexts = new ContextDepth(session, depths, DepthTokens);
        var (near, far) = (new List<double>(), new List<double>());
        for (var round = 0; round <= parsed.GetValue(_rounds); round++)
        {
            near.Add(contexts.Measure(depths[0]));
            far.Add(contexts.Measure(depths[1]));
            Progress.Say($"token behind {depths[0]} and {depths[1]}: {Rounds.Digits(near[^1] * 1e3)}, {Rounds.Digits(far[^1] * 1e3)} ms");
        }

        Add(table, $"a token behind {depths[1]}", "ms", far[1..], $"behind {depths[0]}", near[1..], 1e3, inverse: false);
    }

    private static void Add(
        MarkdownTable table, string what, string unit, List<double> found, string other, List<double> compared, double factor, bool inverse)
    {
        var (a, b) = (new Rounds(found).Times(factor), new Rounds(compared).Times(factor));
        var ratio = (inverse ? b.Over(a) : a.Over(b)).Median;
        table.Add(what, a.ToString(), unit, other, b.ToString(), $"**{Rounds.Digits(ratio)}**");
    }
}
