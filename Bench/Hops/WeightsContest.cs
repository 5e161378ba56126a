using System.Diagnostics;
using ManagedSwarm.Bench.Reports;
using ManagedSwarm.Bench.Splits;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Transport.Stages;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Bench.Hops;

/// <summary>One stream, a cold fetch, a local load, and warm starts of a stage, by turns between a head and a worker with a core each.</summary>
/// <param name="model">What is moved.</param>
/// <param name="folder">For caches; empty.</param>
internal sealed class WeightsContest(ServedModel model, string folder) : IAsyncDisposable
{
    /// <summary>Tokens that KV caches have room for: few, as they are not what is measured.</summary>
    public const int Context = 64;

    public const string Bulk = "bulk";
    public const string Cold = "cold";
    public const string Load = "load";
    public const string Warm = "warm";

    private readonly SwarmToken _token = SwarmToken.Generate();
    private readonly string _cache = Path.Combine(folder, "cache");
    private BenchHead? _head;
    private StageProcess? _worker;

    /// <summary>GB/s of <see cref="Bulk"/> and <see cref="Cold"/>; seconds of <see cref="Load"/> and <see cref="Warm"/>.</summary>
    public SplitFigures Figures { get; } = new();

    /// <summary>Bytes that warm starts have moved.</summary>
    public long WarmBytes { get; private set; }

    public async Task StartAsync()
    {
        await Cores.UseAsync(Cores.OfHead);
        _head = new(_token, model.Manifest.TotalBytes);
        await _head.StartAsync();
        model.ServeBy(_head);
        _worker = await StageProcess.StartAsync(Cores.OfWorker(0), _token.Reveal(), _cache);
    }

    public async Task RunAsync(int rounds)
    {
        // The first round brings code to its best form.
        for (var round = -1; round < rounds; round++)
        {
            var figures = round < 0 ? new SplitFigures() : Figures;
            await MeasureBulkAsync(figures);
            await MeasureColdAsync(figures);
            await MeasureLoadAsync(figures);
            await MeasureWarmAsync(figures);
            var (cold, warm) = (figures[Cold].Over(figures[Bulk]).Values[^1], figures[Warm].Over(figures[Load]).Values[^1]);
            Progress.Say($"round {round + 1} of {rounds}: cold {cold:F2} of a stream, warm {warm:F2} of a load");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await (_worker?.DisposeAsync() ?? default);
        await (_head?.DisposeAsync() ?? default);
    }

    private async Task MeasureBulkAsync(SplitFigures figures)
    {
        var (seconds, bytes) = await _worker!.AskAsync(StageProcessLoop.Bulk, _head!.Address.Addresses[0].ToString());
        figures.Add(Bulk, bytes / seconds / 1e9);
    }

    private async Task MeasureColdAsync(SplitFigures figures)
    {
        if (Directory.Exists(_cache))
        {
            Directory.Delete(_cache, recursive: true);
        }

        var (seconds, bytes) = await _worker!.AskAsync(StageProcessLoop.Fetch, model.Question(_head!));
        figures.Add(Cold, bytes / seconds / 1e9);
    }

    private async Task MeasureLoadAsync(SplitFigures figures)
    {
        string[] values = [model.Path, $"{model.Layers.First}", $"{model.Layers.Count}"];
        figures.Add(Load, (await _worker!.AskAsync(StageProcessLoop.Load, values)).Seconds);
    }

    private async Task MeasureWarmAsync(SplitFigures figures)
    {
        var plan = new ChainPlan
        {
            ModelName = "bench",
            ModelHash = model.Hash,
            LayerCount = model.Config.LayerCount,
            HiddenSize = model.Config.HiddenSize,
            KvCache = new KvCacheOptions { CapacityTokens = Context },
            Stages =
            [
                new StageAssignment
                {
                    Worker = _worker!.Peer,
                    Node = "w0",
                    Layers = model.Layers,
                    Manifest = model.Manifest.ToBytes(),
                    Sources = [_head!.Address],
                },
            ],
        };
        var (sent, start) = (_head.Weights.BytesSent, Stopwatch.GetTimestamp());
        await using var chain = await StageChain.StartAsync(_head.Node, plan);
        figures.Add(Warm, Stopwatch.GetElapsedTime(start).TotalSeconds);
        WarmBytes += _head.Weights.BytesSent - sent;
    }
}
