using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Engine.Generation;

/// <summary>What a model, or the head and some layers of it, takes of a machine's memory, in bytes.</summary>
/// <param name="Weights">The file's tensors, in the form that is computed with.</param>
/// <param name="KvCache">Keys and values at full context.</param>
internal readonly record struct MemoryNeed(long Weights, long KvCache)
{
    /// <param name="weights">The model.</param>
    /// <param name="kvCache">Its cache.</param>
    /// <param name="device">libtorch on the CPU makes floats of the weights; on a GPU, they are not in the machine's own memory.</param>
    /// <param name="kernels">Managed kernels use them as they lie in the file, or make a copy, as these say.</param>
    public static MemoryNeed Of(ModelWeights weights, KvCacheOptions kvCache, DeviceKind device, KernelKind kernels) =>
        Of(weights, kvCache, device, kernels, [new LayerRange(0, weights.Config.LayerCount)]);

    /// <param name="layers">Those that are on this machine, beside the head.</param>
    /// <inheritdoc cref="Of(ModelWeights, KvCacheOptions, DeviceKind, KernelKind)"/>
    public static MemoryNeed Of(
        ModelWeights weights, KvCacheOptions kvCache, DeviceKind device, KernelKind kernels, IReadOnlyList<LayerRange> layers) => new(
        weights.File.Tensors.Where(tensor => IsHere(tensor, layers)).Sum(tensor =>
            device == DeviceKind.Cuda ? tensor.ByteLength : TensorMemory.BytesOf(tensor, weights, device, kernels)),
        Model.KvCache.Bytes(weights.Config, layers.Sum(range => range.Count), kvCache));

    /// <summary>What is read of the file.</summary>
    public static long FileBytes(ModelWeights weights, IReadOnlyList<LayerRange> layers) =>
        weights.File.Tensors.Where(tensor => IsHere(tensor, layers)).Sum(tensor => tensor.ByteLength);

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

    private static bool IsHere(TensorInfo tensor, IReadOnlyList<LayerRange> layers)
    {
        var layer = TensorMemory.LayerOf(tensor);
        return layer < 0 || layers.Any(range => layer >= range.First && layer < range.End);
    }
}
