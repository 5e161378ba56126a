using ManagedSwarm.Engine.Model;

namespace ManagedSwarm.Engine.Generation;

/// <summary>What a model takes of a machine's memory, in bytes.</summary>
/// <param name="Weights">The file's tensors.</param>
/// <param name="KvCache">Keys and values at full context.</param>
internal readonly record struct MemoryNeed(long Weights, long KvCache)
{
    /// <param name="weights">The model.</param>
    /// <param name="kvCache">Its cache.</param>
    /// <param name="device">Managed kernels use the weights as they lie in the file; libtorch on the CPU makes floats of them.</param>
    public static MemoryNeed Of(ModelWeights weights, KvCacheOptions kvCache, DeviceKind device) => new(
        weights.File.Tensors.Sum(tensor => device == DeviceKind.TorchCpu ? checked(tensor.Rows * tensor.Columns * sizeof(float)) : tensor.ByteLength),
        KvCacheBytes(weights.Config, kvCache));

    /// <exception cref="EngineException"><c>out_of_memory</c></exception>
    public void RequireWithin(long limit, string path)
    {
        if (KvCache > limit - Weights)
        {
            throw new EngineException(
                "out_of_memory",
                $"'{path}' needs {Size(Weights)} for weights and {Size(KvCache)} for its KV cache; this machine has {Size(limit)} in all");
        }
    }

    // A hostile file can ask for more bytes than can be counted: these are too many, and not a negative number.
    private static long KvCacheBytes(ModelConfig config, KvCacheOptions kvCache) =>
        (long)Int128.Min(long.MaxValue, Model.KvCache.BytesPerToken(config, config.LayerCount, kvCache.Type) * kvCache.CapacityTokens);

    private static string Size(long bytes)
    {
        const double KiB = 1 << 10;
        const double GiB = 1 << 30;
        return bytes >= GiB / 10
            ? FormattableString.Invariant($"{bytes / GiB:F2} GiB")
            : FormattableString.Invariant($"{bytes / KiB:F0} KiB");
    }
}
