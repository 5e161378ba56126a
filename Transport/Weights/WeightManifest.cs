using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Transport.Weights;

/// <summary>
/// What a stage is made of: a part of a model without its bytes, and the hashes by which each piece of them is asked for and verified.
/// </summary>
public sealed class WeightManifest
{
    /// <summary>Of a model's hash.</summary>
    internal const int HashDigits = 64;

    internal WeightManifest(string modelHash, byte[] skeletonBytes, GgufSkeleton skeleton, IReadOnlyList<ManifestTensor> tensors)
    {
        (ModelHash, SkeletonBytes, Skeleton, Tensors) = (modelHash, skeletonBytes, skeleton, tensors);
        TotalBytes = tensors.DistinctBy(tensor => tensor.Pieces.BlobId).Sum(tensor => tensor.Info.ByteLength);
    }

    /// <summary>Of the whole model: <see cref="ModelIdentity.Hash"/>.</summary>
    public string ModelHash { get; }

    /// <summary>The model's shape and the table of the tensors.</summary>
    public GgufSkeleton Skeleton { get; }

    /// <summary>The tensors, in the skeleton's order.</summary>
    public IReadOnlyList<ManifestTensor> Tensors { get; }

    /// <summary>Bytes that must be there: of all tensors, those that are equal counted once.</summary>
    public long TotalBytes { get; }

    internal ReadOnlyMemory<byte> SkeletonBytes { get; }

    /// <summary>The manifest of some layers.</summary>
    /// <param name="file">The model.</param>
    /// <param name="modelHash">Its <see cref="ModelIdentity.Hash"/>.</param>
    /// <param name="layers">Which of its layers.</param>
    /// <param name="hashes">The model's pieces.</param>
    /// <exception cref="Engine.EngineException"><c>layer_range</c>; or the model is none that can be computed.</exception>
    /// <exception cref="GgufFormatException">The model's shape is missing.</exception>
    public static WeightManifest Create(ITensorStore file, string modelHash, LayerRange layers, PieceHashes hashes)
    {
        layers.RequireWithin(ModelConfig.FromMetadata(file.Metadata).LayerCount);
        var bytes = GgufSkeleton.Write(file, StageTensors.Of(file, layers));
        var skeleton = GgufSkeleton.Read(bytes);
        return new(modelHash, bytes, skeleton, [.. skeleton.Tensors.Select(tensor => new ManifestTensor(tensor, hashes.Tensors[tensor.Name]))]);
    }

    /// <summary>The manifest as bytes; see <see cref="WeightManifestCodec"/>.</summary>
    public byte[] ToBytes() => WeightManifestCodec.Write(this);

    /// <summary>Reads a manifest that a peer sent, and judges whether it can be true.</summary>
    /// <param name="bytes">All of it.</param>
    /// <param name="limits">What it may ask for; null: the defaults.</param>
    /// <exception cref="SwarmException"><c>invalid_manifest</c>: it is malformed, contradicts itself, or asks for more than is allowed.</exception>
    public static WeightManifest Read(ReadOnlyMemory<byte> bytes, WeightLimits? limits = null) =>
        WeightManifestCodec.Read(bytes, limits ?? new());
}
