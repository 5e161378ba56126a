using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Engine.Generation;

/// <summary>What a model takes of a machine's memory, in bytes.</summary>
/// <param name="Weights">The file's tensors, in the form that is computed with.</param>
/// <param name="KvCache">Keys and values at full context.</param>
internal readonly record struct MemoryNeed(long Weights, long KvCache)
{
    /// <param name="weights">The model.</param>
    /// <param name="kvCache">Its cache.</param>
    /// <param name="device">libtorch on the CPU makes floats of the weights.</param>
    /// <param name="kernels">Managed kernels use them as they lie in the file, or make a copy, as these say.</param>
    public static MemoryNeed Of(ModelWeights weights, KvCacheOptions kvCache, DeviceKind device, KernelKind kernels) => new(
        weights.File.Tensors.Sum(tensor => device switch
        {
            DeviceKind.TorchCpu => checked(tensor.Rows * tensor.Columns * sizeof(float)),
            DeviceKind.Cpu => BytesOf(tensor, weights.File, kernels),
            _ => tensor.ByteLength,
        }),
        KvCacheBytes(weights.Config, kvCache));

    /// <exception cref="EngineException"><c>out_of_memory</c></exception>
    public void RequireWithin(long limit, string path)
    {
        if (KvCache > limit - Weights)
        {
            throw new EngineException(
                "out_of_memory",
                $"'{path}' needs {ByteSize.Text(Weights)} for weights and {ByteSize.Text(KvCache)} for its KV cache; this machine has {ByteSize.Text(limit)} in all");
        }
    }

    // Rows are looked up in the embedding as it lies in the file, also where a copy of it is the output matrix.
    private static long BytesOf(TensorInfo tensor, GgufFile file, KernelKind kernels)
    {
        var isEmbedding = tensor.Name == "token_embd.weight";
        var isMultiplied = tensor.Dimensions.Length == 2 && !(isEmbedding && file.TryGetTensor("output.weight", out _));
        var copy = isMultiplied ? KernelSet.CopyBytes(kernels, tensor) : 0;
        return copy == 0 || isEmbedding ? copy + tensor.ByteLength : copy;
    }

    // A hostile file can ask for more bytes than can be counted: these are too many, and not a negative number.
    private static long KvCacheBytes(ModelConfig config, KvCacheOptions kvCache) =>
        (long)Int128.Min(long.MaxValue, Model.KvCache.BytesPerToken(config, config.LayerCount, kvCache.Type) * kvCache.CapacityTokens);
}
