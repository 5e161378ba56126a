using System.CommandLine;
using System.Globalization;
using ManagedSwarm.Bench.Decode;
using ManagedSwarm.Bench.Quality;
using ManagedSwarm.Bench.Reports;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Engine.Tokenization;
using ManagedSwarm.Transport.Frames;

namespace ManagedSwarm.Bench.Commands;

/// <summary><c>wire</c>: what it costs in exactness to send hidden states in fewer bytes.</summary>
internal sealed class WireCommand
{
    private const int BlockLength = 32;

    private static readonly IReadOnlyList<int> Splits = [2, 4];

    private readonly BenchOptions _common = new();
    private readonly Option<int> _length = new("--length") { Description = "Tokens of each text", DefaultValueFactory = _ => 128 };
    private readonly Option<int> _count = new("--count") { Description = "Texts", DefaultValueFactory = _ => 8 };

    public static Command Create(IReadOnlyList<string> arguments)
    {
        var wire = new WireCommand();
        var command = new Command("wire", "Divergence of split models by what hidden states are sent as") { wire._length, wire._count };
        wire._common.AddTo(command);
        command.SetAction((parsed, _) => wire.RunAsync(parsed, arguments));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, IReadOnlyList<string> arguments)
    {
        var settings = _common.Settings(parsed);
        var report = new Report("wire", "Wire types", settings.ToString(), arguments);
        report.AddParagraph(
            "Stages in one process, their hidden states encoded and decoded as between nodes on each of the hops (one more than there are stages), "
            + "against the same model whole, both reading the same tokens (teacher forcing), which the model has drawn itself at temperature 1: "
            + $"{parsed.GetValue(_count)} texts of {parsed.GetValue(_length)} tokens. KL is the Kullback-Leibler divergence from the whole model in nats.");
        var table = new MarkdownTable(
            "file", "stages", "wire", "bytes of a token, each hop", "positions", "mean KL", "largest KL", "same likeliest token", "perplexity / whole");
        foreach (var model in _common.Models(parsed))
        {
            await AddAsync(table, model, settings, parsed);
        }

        report.AddTable(table);
        report.Save(_common.Output(parsed));
        return 0;
    }

    private async Task AddAsync(MarkdownTable table, string model, EngineSettings settings, ParseResult parsed)
    {
        var (length, count) = (parsed.GetValue(_length), parsed.GetValue(_count));
        var blocks = (length + BlockLength - 1) / BlockLength;
        await using var whole = new EngineSession(model, settings, (blocks * count * BlockLength) + BlockLength);
        var texts = QualityTexts.Draw(whole, Tokenizer.FromMetadata(whole.Metadata), length, count);
        foreach (var (stages, wire) in Splits.SelectMany(stages => Enum.GetValues<WireType>().Select(wire => (stages, wire))))
        {
            await using var split = new EngineSession(
                model, settings, (blocks * BlockLength) + BlockLength, create => Split(create, whole.Config.LayerCount, stages, wire));
            var divergence = new TeacherForcing(whole, split).Compare(texts);
            table.Add(Row(model, stages, wire, HiddenStates.BytesPerToken(wire, whole.Config.HiddenSize), divergence));
            Progress.Say($"{Path.GetFileName(model)}, {stages} stages, {wire}: mean KL {Rounds.Digits(divergence.Mean)}, {divergence.Agreement:P2} agree");
        }
    }

    private static Pipeline Split(Func<LayerRange, IStage> create, int layers, int stages, WireType wire) => new([
        .. Enumerable.Range(0, stages).Select(i =>
        {
            var first = layers * i / stages;
            return new WiredStage(create(new LayerRange(first, (layers * (i + 1) / stages) - first)), wire, i == stages - 1);
        }),
    ]);

    private static string[] Row(string model, int stages, WireType wire, long bytes, Divergence divergence) =>
    [
        Path.GetFileName(model),
        stages.ToString(CultureInfo.InvariantCulture),
        wire.ToString().ToLowerInvariant(),
        bytes.ToString(CultureInfo.InvariantCulture),
        divergence.Positions.ToString(CultureInfo.InvariantCulture),
        $"**{divergence.Mean.ToString("G3", CultureInfo.InvariantCulture)}**",
        divergence.Largest.ToString("G3", CultureInfo.InvariantCulture),
        $"**{(divergence.Agreement * 100).ToString("F2", CultureInfo.InvariantCulture)} %**",
        (divergence.Perplexity / divergence.JudgePerplexity).ToString("F4", CultureInfo.InvariantCulture),
    ];
}
