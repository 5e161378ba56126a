using System.Diagnostics;
using ManagedSwarm.Bench.Reports;
using ManagedSwarm.Bench.Splits;
using ManagedSwarm.Bench.Streams;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Bench.Hops;

/// <summary>
/// Chains of one and more workers, each a process, with and without weights on their way beside them, by turns; and the parts of a hop.
/// </summary>
/// <param name="workers">How many there are.</param>
/// <param name="steps">Steps of each turn.</param>
/// <param name="transfer">What is fetched meanwhile; null: nothing.</param>
/// <param name="folder">For caches; empty.</param>
internal sealed class HopContest(int workers, int steps, ServedModel? transfer, string folder) : IAsyncDisposable
{
    public const string Median = "p50";
    public const string Late = "p99";
    public const string Wait = "wait";
    public const string BesideTransfer = ", transfer beside it";
    public const string TransferRate = "transfer";
    public const string Encode = "encode";
    public const string Decode = "decode";
    public const string Copy = "copy";
    public const string Noise = "noise";
    public const string PrivateNetwork = "pnet";

    private readonly SwarmToken _token = SwarmToken.Generate();
    private readonly List<StageProcess> _workers = [];
    private readonly HopParts _parts = new();
    private BenchHead? _head;
    private StreamServerProcess? _streams;

    /// <summary>Memory that a stage reads in a step, in turns in which it reads some.</summary>
    public static int ReadBytes => 64 << 20;

    /// <summary>What was measured once a round.</summary>
    public SplitFigures Figures { get; } = new();

    public int FrameBytes => _parts.FrameBytes;

    /// <summary>What a chain's figures are called.</summary>
    public static string Chain(int count, int readBytes) => $"{count} workers, {readBytes} B: ";

    /// <summary>What a stack's round trips are called.</summary>
    public static string Stream(Stack stack) => $"round trip of {stack.Name()}";

    public async Task StartAsync()
    {
        await Cores.UseAsync(Cores.OfHead);
        _head = new(_token);
        await _head.StartAsync();
        transfer?.ServeBy(_head);
        for (var i = 0; i < workers; i++)
        {
            _workers.Add(await StageProcess.StartAsync(Cores.OfWorker(i), _token.Reveal(), Path.Combine(folder, $"cache{i}")));
        }

        _streams = await StreamServerProcess.StartAsync(Cores.OfWorker(0));
    }

    public async Task RunAsync(int rounds)
    {
        for (var round = 0; round < rounds; round++)
        {
            await MeasurePartsAsync();
            for (var count = 1; count <= workers; count++)
            {
                await MeasureChainAsync(count, readBytes: 0);
                await MeasureChainAsync(count, ReadBytes);
            }

            if (transfer is not null)
            {
                await MeasureBesideTransferAsync(round % 2 == 0);
            }

            var median = Figures[Chain(1, 0) + Median].Values[^1];
            Progress.Say($"round {round + 1} of {rounds}: a hop of one worker {Rounds.Digits(median)} µs");
        }
    }

    public async ValueTask DisposeAsync()
    {
        _parts.Dispose();
        foreach (var worker in _workers)
        {
            await worker.DisposeAsync();
        }

        await (_streams?.DisposeAsync() ?? default);
        await (_head?.DisposeAsync() ?? default);
    }

    private async Task MeasurePartsAsync()
    {
        Figures.Add(Encode, _parts.Encode());
        Figures.Add(Decode, _parts.Decode());
        Figures.Add(Copy, _parts.Copy());
        Figures.Add(Noise, _parts.Noise());
        Figures.Add(PrivateNetwork, _parts.PrivateNetwork());
        foreach (var stack in StackNames.All)
        {
            await using var client = new StackClient(stack, _streams!.Addresses);
            await client.ConnectAsync();
            var wire = await client.OpenAsync(FrameBytes);
            var pingPong = new PingPong(FrameBytes, steps);
            await pingPong.RunAsync(wire);
            await pingPong.RunAsync(wire);
            await wire.CloseAsync();
            Figures.Add(Stream(stack), pingPong.Percentile(0.5));
        }
    }

    private async Task MeasureChainAsync(int count, int readBytes)
    {
        await using var chain = await HopChain.StartAsync(_head!, _workers[..count], readBytes);
        var some = readBytes == 0 ? steps : Math.Max(20, steps / 20);
        await chain.RunAsync(some);
        Add(Chain(count, readBytes), await chain.RunAsync(some));
    }

    /// <summary>With one worker, which is who fetches, too.</summary>
    private async Task MeasureBesideTransferAsync(bool isQuietFirst)
    {
        await using var chain = await HopChain.StartAsync(_head!, _workers[..1], readBytes: 0);
        await chain.RunAsync(steps);
        foreach (var isQuiet in (bool[])[isQuietFirst, !isQuietFirst])
        {
            if (isQuiet)
            {
                Add("", await chain.RunAsync(steps));
                continue;
            }

            await _workers[0].AskAsync(StageProcessLoop.FetchOn, transfer!.Question(_head!));
            await chain.RunAsync(steps / 4);
            var (sent, start) = (_head!.Weights.BytesSent, Stopwatch.GetTimestamp());
            Add(BesideTransfer, await chain.RunAsync(steps));
            Figures.Add(TransferRate, (_head.Weights.BytesSent - sent) / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9);
            await _workers[0].AskAsync(StageProcessLoop.FetchOff);
        }
    }

    private void Add(string name, (double Hop, double Wait)[] times)
    {
        double[] hops = [.. times.Select(time => time.Hop).Order()];
        double[] waits = [.. times.Select(time => time.Wait).Order()];
        Figures.Add(name + Median, hops[hops.Length / 2]);
        Figures.Add(name + Late, hops[(int)(hops.Length * 0.99)]);
        Figures.Add(name + Wait, waits[waits.Length / 2]);
    }
}
