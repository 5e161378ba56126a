using ManagedSwarm.Gguf;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Transport.Weights;

/// <summary>Brings the weights of stages into the cache, from whoever has them. Safe for use by many threads.</summary>
/// <param name="peer">This node.</param>
/// <param name="token">The swarm's: bulk data go over connections of their own.</param>
/// <param name="cache">Where they are kept.</param>
/// <param name="options">How; null: the defaults.</param>
public sealed class WeightFetcher(ILocalPeer peer, SwarmToken token, BlobCache cache, WeightFetcherOptions? options = null)
{
    /// <summary>How often another process may remove what was just verified.</summary>
    private const int MaxRounds = 3;

    private readonly WeightFetcherOptions _options = options ?? new();

    /// <summary>
    /// Fetches what is missing in the cache, and opens the tensors. Whatever has come stays in the cache, also where this ends with an error
    /// or is cancelled: the next attempt goes on from there.
    /// </summary>
    /// <param name="manifest">What is needed.</param>
    /// <param name="sources">Who may have it; this node itself is passed over.</param>
    /// <param name="progress">Told now and then, and at the end; by one thread at a time; null: nobody looks on.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The tensors. Their blobs stay in the cache until it is disposed.</returns>
    /// <exception cref="SwarmException">
    /// <c>weights_unavailable</c>: no source is left for a piece; <c>disk_full</c>; <c>cache_too_small</c>; <c>cache_unusable</c>.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<TensorFiles> FetchAsync(
        WeightManifest manifest,
        IReadOnlyList<WeightSource> sources,
        IProgress<WeightProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        var blobs = WantedBlob.Of(manifest);
        var others = sources.Where(source => source.Peer != peer.PeerId).DistinctBy(source => source.Peer).Take(_options.Sources).ToList();
        var meter = new ProgressMeter(manifest.TotalBytes, progress, _options.ProgressInterval, _options.Time);
        string[] ids = [.. blobs.Select(blob => blob.Id)];
        var pins = cache.Pin(ids);
        try
        {
            for (var round = 1; ; round++)
            {
                cache.MakeRoom(blobs.ToDictionary(blob => blob.Id, blob => blob.Length));
                await CompleteAsync(blobs, others, meter, cancellationToken);
                cache.Trust(ids);
                if (TryOpen(manifest, pins, round) is { } tensors)
                {
                    meter.Report();
                    return tensors;
                }

                meter.Restart();
            }
        }
        catch
        {
            pins.Dispose();
            throw;
        }
    }

    /// <summary>Ends when all blobs are whole.</summary>
    private async Task CompleteAsync(
        IReadOnlyList<WantedBlob> blobs, IReadOnlyList<WeightSource> sources, ProgressMeter meter, CancellationToken cancellationToken)
    {
        await using var connections = new BulkConnections(peer, token, _options.Time, _options.Logger);
        for (var open = blobs.ToHashSet(); open.Count > 0;)
        {
            using var inventory = await Inventory.TakeAsync(cache, open, meter, _options.Logger, cancellationToken);
            open.ExceptWith(inventory.Whole);
            if (inventory.Partial.Count > 0)
            {
                using var transfer = new Transfer(inventory.Partial, sources, connections, meter, _options, cancellationToken);
                await transfer.RunAsync();
                open.ExceptWith(inventory.Partial.Select(partial => partial.Blob));
            }
            else if (open.Count > 0)
            {
                // Another fetch is at them, here or in another process; what it leaves behind is this one's then.
                await Task.Delay(_options.BusyPoll, _options.Time, cancellationToken);
            }
        }
    }

    /// <returns>Null: another process that shares the cache has removed something since it was verified.</returns>
    private TensorFiles? TryOpen(WeightManifest manifest, IDisposable pins, int round)
    {
        var ids = manifest.Tensors.ToDictionary(tensor => tensor.Info.Name, tensor => tensor.Pieces.BlobId, StringComparer.Ordinal);
        try
        {
            return TensorFiles.Open(manifest.Skeleton, NameOf(manifest), tensor => cache.PathOf(ids[tensor.Name]), pins);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or GgufFormatException)
        {
            return round < MaxRounds ? null : throw WeightErrors.NotWritten(cache.Folder, exception);
        }
    }

    private static string NameOf(WeightManifest manifest) =>
        $"{(manifest.Skeleton.Metadata.TryGet<string>("general.name", out var name) ? name : "model")} {manifest.ModelHash[..12]}";
}
