namespace ManagedSwarm.Transport.Weights;

/// <summary>A blob that is needed.</summary>
/// <param name="Tensor">One that has these bytes, for messages.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Pieces">What they are.</param>
internal sealed record WantedBlob(string Tensor, long Length, TensorPieces Pieces)
{
    public string Id => Pieces.BlobId;

    /// <summary>What a manifest needs, each once.</summary>
    public static IReadOnlyList<WantedBlob> Of(WeightManifest manifest) =>
    [
        .. manifest.Tensors
            .DistinctBy(tensor => tensor.Pieces.BlobId)
            .Select(tensor => new WantedBlob(tensor.Info.Name, tensor.Info.ByteLength, tensor.Pieces)),
    ];
}
