using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Kernels;

namespace ManagedSwarm.Engine.Model;

/// <summary>
/// What the parts of a model take of the memory of whoever has them, in bytes, in the form that is computed with. Copies are packed for the
/// CPU that asks: another one's may differ by some percent.
/// </summary>
public sealed record ModelMemory
{
    /// <summary>The weights of each layer.</summary>
    public required IReadOnlyList<long> LayerWeights { get; init; }

    /// <summary>Embedding, final norm and output matrix: the head has them, whether it has layers or not.</summary>
    public required long HeadWeights { get; init; }

    /// <summary>Keys and values of one layer, with the cache full.</summary>
    public required long KvPerLayer { get; init; }

    /// <summary>The scratch memory of a stage, however many layers it has.</summary>
    public required long Workspace { get; init; }

    /// <summary>What each layer takes of the file, and so of the network on its way to another machine.</summary>
    public required IReadOnlyList<long> LayerFileBytes { get; init; }

    /// <summary>What the head's tensors take of the file.</summary>
    public required long HeadFileBytes { get; init; }

    /// <param name="weights">The model.</param>
    /// <param name="kvCache">The cache of each stage.</param>
    /// <param name="device">libtorch makes floats of the weights.</param>
    /// <param name="kernels">Managed kernels use them as they lie in the file, or make a copy, as these say.</param>
    /// <exception cref="EngineException"><c>invalid_model</c>: it claims more layers than it has tensors.</exception>
    public static ModelMemory Of(ModelWeights weights, KvCacheOptions kvCache, DeviceKind device, KernelKind kernels)
    {
        var config = weights.Config;
        if (config.LayerCount > weights.File.Tensors.Count)
        {
            throw new EngineException(
                "invalid_model", $"{weights.File.Path} claims {config.LayerCount} layers; its {weights.File.Tensors.Count} tensors cannot be so many");
        }

        var (layers, files) = (new long[config.LayerCount], new long[config.LayerCount]);
        var (head, headFile) = (0L, 0L);
        foreach (var tensor in weights.File.Tensors)
        {
            var layer = TensorMemory.LayerOf(tensor);
            if (layer >= config.LayerCount)
            {
                // Nobody loads it.
                continue;
            }

            var bytes = TensorMemory.BytesOf(tensor, weights, device, kernels);
            ref var sum = ref (layer < 0 ? ref head : ref layers[layer]);
            ref var file = ref (layer < 0 ? ref headFile : ref files[layer]);
            sum = checked(sum + bytes);
            file += tensor.ByteLength;
        }

        return new ModelMemory
        {
            LayerWeights = layers,
            LayerFileBytes = files,
            HeadWeights = head,
            HeadFileBytes = headFile,
            KvPerLayer = KvCache.Bytes(config, 1, kvCache),
            Workspace = WorkspaceBytes(config, kvCache, device, GeneratorOptions.DefaultTokensPerStep),
        };
    }

    /// <summary>
    /// For steps of so many tokens: hidden states, the stage's buffers, and once more the widest of them, for activations
    /// that are packed. libtorch has no buffers of its own to be counted, but no fewer tensors at once, and floats of a layer's whole cache.
    /// </summary>
    internal static long WorkspaceBytes(ModelConfig config, KvCacheOptions kvCache, DeviceKind device, int tokens)
    {
        var widest = Math.Max(config.FeedForwardSize, Math.Max(config.HiddenSize, config.HeadCount * config.ValueHeadSize));
        var buffers = Model.Workspace.BytesFor(config, tokens) + ((long)tokens * (config.HiddenSize + widest) * sizeof(float));
        return device == DeviceKind.Cpu ? buffers : checked((2 * buffers) + KvCache.Bytes(config, 1, kvCache with { Type = KvType.F32 }));
    }
}
