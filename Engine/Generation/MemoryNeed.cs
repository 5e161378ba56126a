using ManagedSwarm.Engine.Model;

namespace ManagedSwarm.Engine.Generation;

/// <summary>What a model takes of a machine's memory, in bytes.</summary>
/// <param name="Weights">The file's tensors.</param>
/// <param name="KvCache">Keys and values at full context.</param>
internal readonly record struct MemoryNeed(long Weights, long KvCache)
{
    private const double GiB = 1L << 30;

    public static MemoryNeed Of(ModelWeights weights, KvCacheOptions kvCache) => new(
        weights.File.Tensors.Sum(tensor => tensor.ByteLength),
        KvCacheBytes(weights.Config, kvCache));

    /// <exception cref="EngineException"><c>out_of_memory</c></exception>
    public void RequireWithin(long limit, string path)
    {
        if (KvCache > limit - Weights)
        {
            throw new EngineException(
                "out_of_memory",
                FormattableString.Invariant(
                    $"'{path}' needs {Weights / GiB:F2} GiB for weights and {KvCache / GiB:F2} GiB for its KV cache; this machine has {limit / GiB:F2} GiB in all"));
        }
    }

    // A hostile file can ask for more bytes than can be counted: these are too many, and not a negative number.
    private static long KvCacheBytes(ModelConfig config, KvCacheOptions kvCache) =>
        (long)Int128.Min(long.MaxValue, Model.KvCache.BytesPerToken(config, config.LayerCount, kvCache.Type) * kvCache.CapacityTokens);
}
