using System.Globalization;
using ManagedSwarm.Engine.Devices;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Gguf;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Weights;

namespace ManagedSwarm.Bench.Hops;

/// <summary>What a worker's process does beside its stages; <see cref="StageProcessLoop"/> says what there is.</summary>
internal sealed class StageProcessTasks(LocalPeer peer, WeightFetcher fetcher, string cache) : IDisposable
{
    private const int ReadBytes = 64 << 10;

    private CancellationTokenSource _stop = new();
    private Task<long> _fetching = Task.FromResult(0L);

    /// <returns>Bytes that were moved or loaded.</returns>
    public async Task<long> RunAsync(string[] question)
    {
        switch (question[0])
        {
            case StageProcessLoop.Fetch:
                return await FetchAsync(question, CancellationToken.None);
            case StageProcessLoop.FetchOn:
                _stop.Dispose();
                _stop = new();
                _fetching = Task.Run(() => KeepFetchingAsync(question, _stop.Token));
                return 0;
            case StageProcessLoop.FetchOff:
                await _stop.CancelAsync();
                return await _fetching;
            case StageProcessLoop.Bulk:
                return await TakeBulkAsync(question[1]);
            default:
                return Load(question[1], new(Number(question[2]), Number(question[3])));
        }
    }

    public void Dispose() => _stop.Dispose();

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private async Task<long> FetchAsync(string[] question, CancellationToken cancellationToken)
    {
        var manifest = WeightManifest.Read(await File.ReadAllBytesAsync(question[1], cancellationToken));
        var source = new WeightSource(PeerId.Parse(question[2]), [Multiaddress.Parse(question[3])]);
        using var tensors = await fetcher.FetchAsync(manifest, [source], cancellationToken: cancellationToken);
        return manifest.TotalBytes;
    }

    private async Task<long> KeepFetchingAsync(string[] question, CancellationToken cancellationToken)
    {
        var bytes = 0L;
        try
        {
            while (true)
            {
                if (Directory.Exists(cache))
                {
                    Directory.Delete(cache, recursive: true);
                }

                bytes += await FetchAsync(question, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            return bytes;
        }
    }

    private async Task<long> TakeBulkAsync(string address)
    {
        await using var stream = await (await peer.DialAsync(Multiaddress.Parse(address))).OpenStreamAsync(BenchHead.BulkProtocol);
        var (buffer, bytes) = (new byte[ReadBytes], 0L);
        while (await stream.ReadAsync(buffer) is > 0 and var count)
        {
            bytes += count;
        }

        await stream.CloseWriteAsync();
        return bytes;
    }

    private static long Load(string path, LayerRange layers)
    {
        using var file = GgufFile.Open(path);
        using var device = new CpuDevice(threads: 1);
        using var stage = new Disposal(
            device.CreateStage(new ModelWeights(file), layers, new KvCacheOptions { CapacityTokens = WeightsContest.Context }));
        return file.Tensors.Where(tensor => StageTensors.IsOf(layers, tensor.Name)).Sum(tensor => tensor.ByteLength);
    }

    /// <summary>A local stage is gone when this returns.</summary>
    private sealed class Disposal(IStage stage) : IDisposable
    {
        public void Dispose() => stage.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
