using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Engine.Model;

/// <summary>What a stage takes of memory, told by a model's shape and tensor table alone: before a byte of the weights is there.</summary>
public static class StageMemory
{
    // Of a KV block's bookkeeping: its place in the stack of free ones, its references, its place in a sequence.
    private const int BytesPerBlock = 16;

    /// <param name="config">The model.</param>
    /// <param name="tensors">At least those of the layers; others are passed over.</param>
    /// <param name="layers">The stage's.</param>
    /// <param name="kvCache">Its cache.</param>
    /// <param name="device">libtorch makes floats of the weights.</param>
    /// <param name="kernels">Managed kernels use them as they lie in the file, or make a copy, as these say.</param>
    /// <param name="tokensPerStep">Tokens of its largest step.</param>
    /// <returns>Bytes; <see cref="long.MaxValue"/>: more than can be counted.</returns>
    /// <exception cref="EngineException"><c>layer_range</c></exception>
    public static long BytesFor(
        ModelConfig config,
        IEnumerable<TensorInfo> tensors,
        LayerRange layers,
        KvCacheOptions kvCache,
        DeviceKind device,
        KernelKind kernels,
        int tokensPerStep)
    {
        layers.RequireWithin(config.LayerCount);
        var total = (Int128)KvCache.Bytes(config, layers.Count, kvCache) + ((Int128)kvCache.BlockCount * BytesPerBlock);
        total += ModelMemory.WorkspaceBytes(config, kvCache, device, tokensPerStep);
        foreach (var tensor in tensors)
        {
            var layer = TensorMemory.LayerOf(tensor);
            total += layer >= layers.First && layer < layers.End ? BytesOf(tensor, device, kernels) : 0;
        }

        return (long)Int128.Min(long.MaxValue, total);
    }

    private static Int128 BytesOf(TensorInfo tensor, DeviceKind device, KernelKind kernels)
    {
        if (device != DeviceKind.Cpu)
        {
            return (Int128)tensor.Rows * tensor.Columns * sizeof(float);
        }

        var copy = tensor.Dimensions.Length == 2 ? KernelSet.CopyBytes(kernels, tensor) : 0;
        return copy == 0 ? tensor.ByteLength : copy;
    }
}
