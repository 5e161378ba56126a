using System.Globalization;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Engine.Model;

/// <summary>Whose a tensor is, and what it takes of memory in the form that is computed with.</summary>
internal static class TensorMemory
{
    private const string LayerPrefix = "blk.";

    /// <summary>The layer that a tensor belongs to, by its name; -1: it is the head's.</summary>
    public static int LayerOf(TensorInfo tensor)
    {
        var name = tensor.Name.AsSpan();
        if (!name.StartsWith(LayerPrefix, StringComparison.Ordinal))
        {
            return -1;
        }

        name = name[LayerPrefix.Length..];
        var end = name.IndexOf('.');
        return end > 0 && int.TryParse(name[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var layer) ? layer : -1;
    }

    /// <summary>The bytes of a tensor on a device.</summary>
    /// <param name="tensor">One of the model's.</param>
    /// <param name="weights">The model.</param>
    /// <param name="device">libtorch makes floats of the weights.</param>
    /// <param name="kernels">Managed kernels use them as they lie in the file, or make a copy, as these say.</param>
    public static long BytesOf(TensorInfo tensor, ModelWeights weights, DeviceKind device, KernelKind kernels) =>
        device == DeviceKind.Cpu ? ManagedBytes(tensor, weights, kernels) : checked(tensor.Rows * tensor.Columns * sizeof(float));

    // Rows are looked up in the embedding as it lies in the file, also where a copy of it is the output matrix.
    private static long ManagedBytes(TensorInfo tensor, ModelWeights weights, KernelKind kernels)
    {
        var isEmbedding = tensor.Name == "token_embd.weight";
        var isMultiplied = tensor.Dimensions.Length == 2 && !(isEmbedding && weights.File.TryGetTensor("output.weight", out _));
        var copy = isMultiplied ? KernelSet.CopyBytes(kernels, tensor) : 0;
        return copy == 0 || isEmbedding ? copy + tensor.ByteLength : copy;
    }
}
