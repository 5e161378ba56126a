using System.CommandLine;
using System.Diagnostics;
using ManagedSwarm.Bench.Decode;
using ManagedSwarm.Bench.Loading;
using ManagedSwarm.Bench.Peers;
using ManagedSwarm.Bench.Reports;
using ManagedSwarm.Bench.Serving;

namespace ManagedSwarm.Bench.Commands;

/// <summary><c>load</c>: how long loading takes and how much memory, each time in a new process.</summary>
internal sealed class LoadCommand
{
    private const string ChildName = "load-once";
    private const int ContextTokens = 512;

    private readonly BenchOptions _common = new();
    private readonly Option<int> _rounds = new("--rounds") { Description = "Rounds", DefaultValueFactory = _ => 5 };

    public static Command Create(IReadOnlyList<string> arguments)
    {
        var load = new LoadCommand();
        var command = new Command("load", "Time and memory of loading, each in a new process") { load._rounds };
        load._common.AddTo(command);
        command.SetAction(parsed => load.Run(parsed, arguments));
        return command;
    }

    /// <summary>What <c>load</c> starts: loads one model and writes a <see cref="LoadResult"/> to standard output.</summary>
    public static Command CreateChild()
    {
        var common = new BenchOptions();
        var command = new Command(ChildName) { Hidden = true };
        common.AddTo(command);
        command.SetAction(async (parsed, _) =>
        {
            var result = await LoadOnceAsync(common.Models(parsed)[0], common.Settings(parsed));
            Console.WriteLine(result.ToJson());
        });
        return command;
    }

    private static async Task<LoadResult> LoadOnceAsync(string model, EngineSettings settings)
    {
        var before = ProcessMemory.Resident();
        var watch = Stopwatch.StartNew();
        await using var load = await RequestLoad.LoadAsync(model, settings, sequences: 1, ContextTokens);
        var seconds = watch.Elapsed.TotalSeconds;
        await load.FirstTokenAsync(1, 1);
        return new LoadResult(
            seconds, before, ProcessMemory.Peak(), ProcessMemory.Resident(), ProcessMemory.Anonymous(), load.KvBytes(settings.KvType, ContextTokens));
    }

    private int Run(ParseResult parsed, IReadOnlyList<string> arguments)
    {
        var settings = _common.Settings(parsed);
        var report = new Report("load", "Loading", settings.ToString(), arguments);
        report.AddParagraph(
            $"Medians of {parsed.GetValue(_rounds)} rounds [each round in brackets], each in a new process, the file in the page cache. "
            + "Time is from opening the file to being ready to answer, the JIT's included. Peak is the most that was resident, anonymous and "
            + "mapped together (VmHWM), until a first reply was over; 'before' is the program itself before it loads.");
        var table = new MarkdownTable(
            "file", "MB", "s", "GB/s", "peak, MB", "before", "KV cache", "after", "of these anonymous", "peak / file", "(peak - before) / file");
        foreach (var model in _common.Models(parsed))
        {
            ReadIntoCache(model);
            var results = Enumerable.Range(0, parsed.GetValue(_rounds)).Select(_ => RunChild(model, settings)).ToList();
            table.Add(Row(model, results));
        }

        report.AddTable(table);
        report.Save(_common.Output(parsed));
        return 0;
    }

    private static string[] Row(string model, List<LoadResult> results)
    {
        var bytes = new FileInfo(model).Length;
        Rounds Of(Func<LoadResult, double> value) => new([.. results.Select(value)]);
        string Megabytes(Func<LoadResult, double> value) => Rounds.Digits(Of(value).Median / 1e6);
        return
        [
            Path.GetFileName(model),
            Rounds.Digits(bytes / 1e6),
            Of(result => result.Seconds).ToString(),
            Of(result => bytes / result.Seconds / 1e9).ToString(),
            Of(result => result.Peak / 1e6).ToString(),
            Megabytes(result => result.Before),
            Megabytes(result => result.KvCache),
            Megabytes(result => result.After),
            Megabytes(result => result.Anonymous),
            $"**{Rounds.Digits(Of(result => (double)result.Peak / bytes).Median)}**",
            $"**{Rounds.Digits(Of(result => (double)(result.Peak - result.Before) / bytes).Median)}**",
        ];
    }

    private static LoadResult RunChild(string model, EngineSettings settings)
    {
        string[] arguments =
        [
            ChildName, model, "--threads", $"{settings.Threads}", "--kernels", $"{settings.Kernels}", "--kv", $"{settings.KvType}",
        ];
        var own = OwnProgram.With(arguments);
        var result = LoadResult.FromJson(PeerProcess.Run(own.FileName, own.ArgumentList, withErrors: false));
        Progress.Say($"{Path.GetFileName(model)}: {Rounds.Digits(result.Seconds)} s, peak {Rounds.Digits(result.Peak / 1e6)} MB");
        return result;
    }

    private static void ReadIntoCache(string path)
    {
        using var stream = File.OpenRead(path);
        stream.CopyTo(Stream.Null, 1 << 20);
    }
}
