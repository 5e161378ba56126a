using ManagedSwarm.Gguf;
using ManagedSwarm.Transport.Frames;

namespace ManagedSwarm.Transport.Weights;

/// <summary>What a manifest may ask for.</summary>
public sealed record WeightLimits
{
    /// <summary>Bytes of a manifest. A terabyte has 250,000 pieces, whose hashes take 8 MiB.</summary>
    public int MaxManifestBytes { get; init; } = 32 << 20;

    /// <summary>Bytes of all tensors together.</summary>
    public long MaxTotalBytes { get; init; } = 1L << 40;

    /// <summary>What its header may ask for.</summary>
    public GgufLimits Skeleton { get; init; } = GgufSkeleton.Limits;

    internal FrameLimits Frames => new()
    {
        MaxFrameBytes = MaxManifestBytes,
        MaxStringBytes = WeightManifest.HashDigits,
        MaxArrayLength = Skeleton.MaxTensorCount,
        MaxBinaryBytes = MaxManifestBytes,
    };
}
