using ManagedSwarm.Transport.Discovery;
using Microsoft.Win32.SafeHandles;

namespace ManagedSwarm.Transport.Weights;

/// <summary>
/// Tensors on disk, each under the name of its content: <c>BLOB-ID</c> when it is whole, <c>BLOB-ID.part</c> while it is not. Those that were
/// used least recently make room for new ones. Safe for use by many threads, and by several processes.
/// </summary>
/// <remarks>
/// What a file holds is believed only after its pieces were verified, so nothing here needs to survive a power cut in good order; once is
/// enough for as long as it is in use. Whoever writes a part has it locked. A whole file is never written again; who has it open keeps its
/// bytes, even where another process deletes it.
/// </remarks>
public sealed class BlobCache
{
    private readonly BlobFolder _files;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (int Count, bool IsVerified)> _pins = new(StringComparer.Ordinal);

    /// <param name="folder">Where it is; made where there is none.</param>
    /// <param name="limit">Bytes that it may have.</param>
    public BlobCache(string folder, long limit = long.MaxValue)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        (_files, Limit) = (new(Path.GetFullPath(folder)), limit);
    }

    /// <summary>Where it is.</summary>
    public string Folder => _files.Folder;

    /// <summary>Bytes that it may have.</summary>
    public long Limit { get; }

    /// <summary>The clock of what was used last.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How a piece is written; in another way than the system's for tests only.</summary>
    internal BlobWrite Write { get; init; } = RandomAccess.Write;

    /// <summary>Bytes of all that is here, whole or not.</summary>
    public long CountBytes() => _files.List().Sum(file => file.Length);

    /// <summary>Keeps blobs, whether they are here already or will come, from making room for others until it is disposed.</summary>
    internal IDisposable Pin(IReadOnlyCollection<string> ids)
    {
        lock (_gate)
        {
            foreach (var id in ids)
            {
                var (count, isVerified) = _pins.GetValueOrDefault(id);
                _pins[id] = (count + 1, isVerified);
            }
        }

        return new BlobPins(this, ids);
    }

    internal void Unpin(IReadOnlyCollection<string> ids)
    {
        lock (_gate)
        {
            foreach (var id in ids)
            {
                var (count, isVerified) = _pins[id];
                if (count == 1)
                {
                    _pins.Remove(id);
                }
                else
                {
                    _pins[id] = (count - 1, isVerified);
                }
            }
        }
    }

    /// <summary>Remembers that pinned blobs were verified, for as long as somebody here pins them.</summary>
    internal void Trust(IReadOnlyCollection<string> ids)
    {
        lock (_gate)
        {
            foreach (var id in ids)
            {
                _pins[id] = _pins[id] with { IsVerified = true };
            }
        }
    }

    /// <summary>Whether somebody here has had a blob verified, and pins it since.</summary>
    internal bool IsVerified(string id)
    {
        lock (_gate)
        {
            return _pins.GetValueOrDefault(id).IsVerified;
        }
    }

    /// <summary>Where a whole blob is, if it is here.</summary>
    internal string PathOf(string id) => _files.PathOf(id);

    /// <summary>Opens a whole blob for reading; null: it is not here. What it holds is not verified.</summary>
    internal SafeFileHandle? TryOpen(string id)
    {
        try
        {
            var handle = File.OpenHandle(PathOf(id), FileMode.Open, FileAccess.Read, FileShare.Read);
            Touch(id);
            return handle;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Begins a blob, or goes on with the part of it that is here; null: it is whole by now, or somebody else is at it.</summary>
    /// <exception cref="SwarmException"><c>disk_full</c>, <c>cache_unusable</c></exception>
    internal BlobDraft? TryBegin(string id, long length)
    {
        SafeFileHandle? handle = null;
        try
        {
            AtomicFile.CreateFolder(Folder);
            handle = File.OpenHandle(_files.PartOf(id), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

            // Whoever had it until now may have made it whole in between; then the handle is that file's.
            if (File.Exists(PathOf(id)))
            {
                handle.Dispose();
                return null;
            }

            var isNew = RandomAccess.GetLength(handle) == 0;
            RandomAccess.SetLength(handle, length);
            return new(this, id, length, handle, isNew);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            handle?.Dispose();
            return FileLock.IsHeldBySomebody(exception) ? null : throw WeightErrors.NotWritten(Folder, exception);
        }
    }

    /// <summary>Makes a part that is whole now a whole blob.</summary>
    internal void Publish(string id)
    {
        try
        {
            File.Move(_files.PartOf(id), PathOf(id), overwrite: true);
            Touch(id);
        }
        catch (FileNotFoundException) when (File.Exists(PathOf(id)))
        {
            // Another process had the part for a moment, found nothing missing and was quicker.
        }
    }

    internal void DiscardPart(string id) => BlobFolder.TryDelete(_files.PartOf(id));

    /// <summary>Removes a blob that is not what its name says. Who has it open keeps it.</summary>
    internal void Discard(string id) => BlobFolder.TryDelete(PathOf(id));

    /// <summary>Makes room for those of some blobs that are not here, at the cost of others that are not pinned.</summary>
    /// <exception cref="SwarmException"><c>cache_too_small</c>, <c>disk_full</c>, <c>cache_unusable</c></exception>
    internal void MakeRoom(IReadOnlyDictionary<string, long> lengths)
    {
        var files = _files.List();
        var here = files.ToDictionary(file => file.Name, file => file.Length, StringComparer.Ordinal);
        var needed = lengths
            .Where(blob => !here.ContainsKey(blob.Key))
            .Sum(blob => Math.Max(0, blob.Value - here.GetValueOrDefault(blob.Key + BlobFolder.PartSuffix)));
        var excess = (Int128)files.Sum(file => file.Length) + needed - Limit;
        foreach (var file in files.OrderBy(file => file.LastWriteTimeUtc).TakeWhile(_ => excess > 0))
        {
            if (!IsPinned(file.Name) && BlobFolder.TryEvict(file))
            {
                excess -= file.Length;
            }
        }

        if (excess > 0)
        {
            throw WeightErrors.CacheTooSmall(Folder, lengths.Values.Sum(), Limit, (long)(Limit + excess - needed));
        }

        _files.RequireFree(needed);
    }

    /// <summary>Remembers that a blob was used now.</summary>
    private void Touch(string id)
    {
        try
        {
            File.SetLastWriteTimeUtc(PathOf(id), Time.GetUtcNow().UtcDateTime);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It only seems older than it is.
        }
    }

    private bool IsPinned(string fileName)
    {
        lock (_gate)
        {
            return _pins.ContainsKey(BlobFolder.IdOf(fileName));
        }
    }

    private sealed class BlobPins(BlobCache cache, IReadOnlyCollection<string> ids) : IDisposable
    {
        private int _disposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                cache.Unpin(ids);
            }
        }
    }
}
