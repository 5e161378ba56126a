using System.Globalization;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Transport.Weights;

/// <summary>Which of a model's tensors a stage needs.</summary>
public static class StageTensors
{
    private const string LayerPrefix = "blk.";

    // Every stage rotates by itself.
    private const string RopeFrequencies = "rope_freqs.weight";

    public static IEnumerable<TensorInfo> Of(ITensorStore store, LayerRange layers) => store.Tensors.Where(tensor => IsOf(layers, tensor.Name));

    public static bool IsOf(LayerRange layers, string name)
    {
        if (!name.StartsWith(LayerPrefix, StringComparison.Ordinal))
        {
            return name == RopeFrequencies;
        }

        var rest = name.AsSpan(LayerPrefix.Length);
        var end = rest.IndexOf('.');
        return end > 0
            && int.TryParse(rest[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var layer)
            && layer >= layers.First
            && layer < layers.End;
    }
}
