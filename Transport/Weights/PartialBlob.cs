namespace ManagedSwarm.Transport.Weights;

/// <summary>A blob that is being fetched.</summary>
/// <param name="blob">What it is.</param>
/// <param name="draft">Where it is put together; is this one's from now on.</param>
/// <param name="missing">Its pieces that are not here.</param>
internal sealed class PartialBlob(WantedBlob blob, BlobDraft draft, IReadOnlyList<int> missing) : IDisposable
{
    private int _left = missing.Count;

    public WantedBlob Blob => blob;

    public IReadOnlyList<int> Missing => missing;

    public int LengthOf(int piece) => TensorPieces.LengthOf(piece, blob.Length);

    public bool Matches(int piece, ReadOnlySpan<byte> bytes) => blob.Pieces.Matches(piece, bytes);

    /// <summary>Keeps a piece that was verified; with the last one, the blob becomes whole.</summary>
    /// <exception cref="SwarmException"><c>disk_full</c>, <c>cache_unusable</c></exception>
    public void Keep(int piece, ReadOnlySpan<byte> bytes)
    {
        draft.Write(TensorPieces.OffsetOf(piece), bytes);
        if (Interlocked.Decrement(ref _left) == 0)
        {
            draft.Complete();
        }
    }

    public void Dispose() => draft.Dispose();
}
