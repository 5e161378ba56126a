using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Planning;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Engine.Generation;

/// <summary>A model's shape for a plan, from its file; weights are not read.</summary>
public static class ModelShapeFile
{
    private const string Embedding = "token_embd.weight";
    private const string Output = "output.weight";

    /// <summary>Opens a model file and reads its shape.</summary>
    /// <param name="path">A GGUF file; of a split model, the first.</param>
    /// <param name="options">Device, kernels, context, sequences and how keys and values are kept.</param>
    /// <returns>The shape, and the tokens of context of each sequence.</returns>
    /// <exception cref="EngineException">
    /// <c>file_not_found</c>, <c>not_a_file</c>, <c>no_weights</c>, <c>invalid_model</c>, <c>invalid_value</c>, <c>unsupported_…</c>
    /// </exception>
    /// <exception cref="GgufFormatException">The file is not a well-formed GGUF file.</exception>
    public static (ModelShape Shape, int Context) Read(string path, ModelOptions options)
    {
        if (Directory.Exists(path) || !File.Exists(path))
        {
            throw Directory.Exists(path)
                ? new EngineException("not_a_file", $"'{path}' is a folder; a GGUF file is needed")
                : new EngineException("file_not_found", $"there is no file '{path}'");
        }

        using var file = GgufFile.Open(path);
        var weights = new ModelWeights(file);
        return (Of(file.ModelName, weights, options), options.ContextFor(weights.Config));
    }

    /// <summary>The shape of an open model.</summary>
    /// <param name="name">What it is called in messages.</param>
    /// <param name="weights">The model.</param>
    /// <param name="options">Device, kernels, context, sequences and how keys and values are kept.</param>
    /// <exception cref="EngineException"><c>invalid_model</c>, <c>invalid_value</c></exception>
    public static ModelShape Of(string name, ModelWeights weights, ModelOptions options)
    {
        RequireLayers(weights);
        var memory = ModelMemory.Of(weights, options.KvCacheFor(weights.Config), options.Device, options.Kernels);
        return new()
        {
            Name = name,
            HiddenSize = weights.Config.HiddenSize,
            LayerWeightBytes = memory.LayerWeights,
            LayerFileBytes = memory.LayerFileBytes,
            HeadWeightBytes = memory.HeadWeights,
            HeadReadBytes = OutputBytesOf(weights.File),
            KvBytesPerLayer = memory.KvPerLayer,
            WorkspaceBytes = memory.Workspace,
        };
    }

    // A file can say any number; each layer of it must be there before memory is made for that many.
    private static void RequireLayers(ModelWeights weights)
    {
        var layerCount = weights.Config.LayerCount;
        if (layerCount > SplitProblem.MaxLayers)
        {
            throw new EngineException("unsupported_model", $"{weights.File.Path}: it has {layerCount} layers; allowed are {SplitProblem.MaxLayers}");
        }

        for (var layer = 0; layer < layerCount; layer++)
        {
            weights.Require($"blk.{layer}.attn_norm.weight", weights.Config.HiddenSize);
        }
    }

    // The embedding is the output matrix, too, where the model has none of its own.
    private static long OutputBytesOf(ITensorStore file) =>
        file.TryGetTensor(Output, out var output) || file.TryGetTensor(Embedding, out output) ? output.ByteLength : 0;
}
