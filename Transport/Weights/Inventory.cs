using System.Buffers;
using System.Collections.Concurrent;
using ManagedSwarm.Transport.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace ManagedSwarm.Transport.Weights;

/// <summary>
/// What of some blobs is in the cache. Everything is read and verified that is not in use by this process, which has verified it then: nothing
/// that lies on a disk is believed. Blobs that are not whole are this one's until it is disposed.
/// </summary>
internal sealed class Inventory : IDisposable
{
    private readonly ConcurrentBag<WantedBlob> _whole = [];
    private readonly ConcurrentBag<PartialBlob> _partial = [];
    private readonly BlobCache _cache;
    private readonly ProgressMeter _meter;
    private readonly ILogger _logger;

    private Inventory(BlobCache cache, ProgressMeter meter, ILogger logger) => (_cache, _meter, _logger) = (cache, meter, logger);

    /// <summary>Those that are here. Those that are neither here nor <see cref="Partial"/> are somebody else's work at the moment.</summary>
    public IReadOnlyCollection<WantedBlob> Whole => _whole;

    /// <summary>Those that must be fetched.</summary>
    public IReadOnlyCollection<PartialBlob> Partial => _partial;

    /// <summary>Looks for blobs, several at a time.</summary>
    /// <exception cref="SwarmException"><c>disk_full</c>, <c>cache_unusable</c></exception>
    public static async Task<Inventory> TakeAsync(
        BlobCache cache, IEnumerable<WantedBlob> blobs, ProgressMeter meter, ILogger logger, CancellationToken cancellationToken)
    {
        var inventory = new Inventory(cache, meter, logger);
        try
        {
            await Parallel.ForEachAsync(blobs, cancellationToken, (blob, token) =>
            {
                inventory.Look(blob, token);
                return ValueTask.CompletedTask;
            });
            return inventory;
        }
        catch
        {
            inventory.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var blob in _partial)
        {
            blob.Dispose();
        }
    }

    private void Look(WantedBlob blob, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(TensorPieces.PieceBytes, blob.Length));
        try
        {
            if (IsWhole(blob, buffer, cancellationToken))
            {
                _whole.Add(blob);
            }
            else if (_cache.TryBegin(blob.Id, blob.Length) is { } draft)
            {
                Resume(blob, draft, buffer, cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private bool IsWhole(WantedBlob blob, byte[] buffer, CancellationToken cancellationToken)
    {
        using var handle = _cache.TryOpen(blob.Id);
        if (handle is null)
        {
            return false;
        }

        if (_cache.IsVerified(blob.Id) && RandomAccess.GetLength(handle) == blob.Length)
        {
            _meter.Found(blob.Length);
            return true;
        }

        var damage = DamageOf(blob, handle, buffer, cancellationToken);
        if (damage is null)
        {
            return true;
        }

        TransportLog.BlobDamaged(_logger, blob.Tensor, _cache.PathOf(blob.Id), damage);
        _cache.Discard(blob.Id);
        return false;
    }

    /// <returns>Null: there is none.</returns>
    private string? DamageOf(WantedBlob blob, SafeFileHandle handle, byte[] buffer, CancellationToken cancellationToken)
    {
        if (RandomAccess.GetLength(handle) is var length && length != blob.Length)
        {
            return $"it has {length} bytes; expected are {blob.Length}";
        }

        var found = 0L;
        for (var piece = 0; piece < blob.Pieces.Count; piece++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var bytes = buffer.AsSpan(0, TensorPieces.LengthOf(piece, blob.Length));
            if (!TryRead(handle, TensorPieces.OffsetOf(piece), bytes) || !blob.Pieces.Matches(piece, bytes))
            {
                _meter.Found(-found);
                return $"piece {piece} has another hash";
            }

            found += bytes.Length;
            _meter.Found(bytes.Length);
        }

        return null;
    }

    /// <summary>Finds out which pieces came in an earlier attempt.</summary>
    private void Resume(WantedBlob blob, BlobDraft draft, byte[] buffer, CancellationToken cancellationToken)
    {
        var missing = new List<int>();
        try
        {
            for (var piece = 0; piece < blob.Pieces.Count; piece++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var bytes = buffer.AsSpan(0, TensorPieces.LengthOf(piece, blob.Length));
                if (draft.MayHavePieces && draft.TryRead(TensorPieces.OffsetOf(piece), bytes) && blob.Pieces.Matches(piece, bytes))
                {
                    _meter.Found(bytes.Length);
                }
                else
                {
                    missing.Add(piece);
                }
            }

            if (missing.Count == 0)
            {
                draft.Complete();
                _whole.Add(blob);
                return;
            }
        }
        catch
        {
            draft.Dispose();
            throw;
        }

        _partial.Add(new(blob, draft, missing));
    }

    private static bool TryRead(SafeFileHandle handle, long offset, Span<byte> bytes)
    {
        try
        {
            return RandomAccess.Read(handle, bytes, offset) == bytes.Length;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
