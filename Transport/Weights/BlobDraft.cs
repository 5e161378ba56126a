using Microsoft.Win32.SafeHandles;

namespace ManagedSwarm.Transport.Weights;

/// <summary>A blob that is being put together; nobody else is at it. Pieces may come in any order, and by several threads.</summary>
internal sealed class BlobDraft(BlobCache cache, string id, long length, SafeFileHandle handle, bool isNew) : IDisposable
{
    private bool _isEmpty = isNew;

    /// <summary>Bytes it will have, and its file has from the beginning.</summary>
    public long Length => length;

    /// <summary>Whether there may be pieces in it from an earlier attempt.</summary>
    public bool MayHavePieces { get; } = !isNew;

    /// <returns>Whether so many bytes could be read.</returns>
    public bool TryRead(long offset, Span<byte> bytes)
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

    /// <exception cref="SwarmException"><c>disk_full</c>, <c>cache_unusable</c></exception>
    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        try
        {
            cache.Write(handle, bytes, offset);
            Volatile.Write(ref _isEmpty, false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw WeightErrors.NotWritten(cache.Folder, exception);
        }
    }

    /// <summary>All pieces are there and verified: it is a whole blob from now on.</summary>
    /// <exception cref="SwarmException"><c>disk_full</c>, <c>cache_unusable</c></exception>
    public void Complete()
    {
        handle.Dispose();
        try
        {
            cache.Publish(id);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw WeightErrors.NotWritten(cache.Folder, exception);
        }
    }

    /// <summary>Lets go of it; what is there stays for the next attempt.</summary>
    public void Dispose()
    {
        if (handle.IsClosed)
        {
            return;
        }

        if (Volatile.Read(ref _isEmpty))
        {
            cache.DiscardPart(id);
        }

        handle.Dispose();
    }
}
