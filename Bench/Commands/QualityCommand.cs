using System.CommandLine;
using System.Globalization;
using ManagedSwarm.Bench.Decode;
using ManagedSwarm.Bench.Quality;
using ManagedSwarm.Bench.Reports;
using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Tokenization;

namespace ManagedSwarm.Bench.Commands;

/// <summary><c>quality</c>: what the asked kernels and cache cost in exactness, against the reference kernels with an f32 cache.</summary>
internal sealed class QualityCommand
{
    private const int BlockLength = 32;

    private readonly BenchOptions _common = new();
    private readonly Option<string?> _text = new("--text")
    {
        Description = "A text file; without one, the model's own words, drawn at temperature 1",
    };

    private readonly Option<int> _length = new("--length") { Description = "Tokens of each text", DefaultValueFactory = _ => 256 };
    private readonly Option<int> _count = new("--count") { Description = "Texts (pieces of the file), at most", DefaultValueFactory = _ => 8 };

    public static Command Create(IReadOnlyList<string> arguments)
    {
        var quality = new QualityCommand();
        var command = new Command("quality", "Divergence from the reference kernels on the same tokens")
        {
            quality._text, quality._length, quality._count,
        };
        quality._common.AddTo(command);
        command.SetAction((parsed, _) => quality.RunAsync(parsed, arguments));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, IReadOnlyList<string> arguments)
    {
        var settings = _common.Settings(parsed);
        var report = new Report("quality", "Quality", settings.ToString(), arguments);
        var source = parsed.GetValue(_text) is { } text ? $"pieces of {Path.GetFileName(text)}" : "drawn from the model itself at temperature 1";
        report.AddParagraph(
            "Against the reference kernels (f32 arithmetic on dequantized rows) with an f32 KV cache, both reading the same tokens "
            + $"(teacher forcing): {source}, {parsed.GetValue(_length)} tokens each. KL is the Kullback-Leibler divergence from the reference in nats.");
        var table = new MarkdownTable("file", "positions", "mean KL", "largest KL", "same likeliest token", "perplexity", "reference's", "ratio");
        foreach (var model in _common.Models(parsed))
        {
            var divergence = await CompareAsync(model, settings, parsed);
            table.Add(Row(model, divergence));
            Progress.Say($"{Path.GetFileName(model)}: mean KL {Rounds.Digits(divergence.Mean)}, {divergence.Agreement:P2} agree");
        }

        report.AddTable(table);
        report.Save(_common.Output(parsed));
        return 0;
    }

    private async Task<Divergence> CompareAsync(string model, EngineSettings settings, ParseResult parsed)
    {
        var (length, count) = (parsed.GetValue(_length), parsed.GetValue(_count));
        var blocks = (length + BlockLength - 1) / BlockLength;
        await using var judge = new EngineSession(
            model, settings with { Kernels = KernelKind.Reference, KvType = KvType.F32 }, (blocks * count * BlockLength) + BlockLength);
        await using var candidate = new EngineSession(model, settings, (blocks * BlockLength) + BlockLength);
        var tokenizer = Tokenizer.FromMetadata(judge.Metadata);
        var texts = parsed.GetValue(_text) is { } path
            ? QualityTexts.Cut(tokenizer, await File.ReadAllTextAsync(path), length, count)
            : QualityTexts.Draw(judge, tokenizer, length, count);
        return new TeacherForcing(judge, candidate).Compare(texts);
    }

    private static string[] Row(string model, Divergence divergence) =>
    [
        Path.GetFileName(model),
        divergence.Positions.ToString(CultureInfo.InvariantCulture),
        $"**{divergence.Mean.ToString("G3", CultureInfo.InvariantCulture)}**",
        divergence.Largest.ToString("G3", CultureInfo.InvariantCulture),
        $"**{(divergence.Agreement * 100).ToString("F2", CultureInfo.InvariantCulture)} %**",
        divergence.Perplexity.ToString("F3", CultureInfo.InvariantCulture),
        divergence.JudgePerplexity.ToString("F3", CultureInfo.InvariantCulture),
        $"**{(divergence.Perplexity / divergence.JudgePerplexity).ToString("F4", CultureInfo.InvariantCulture)}**",
    ];
}
