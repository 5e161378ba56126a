using ManagedSwarm.Engine.Model;
using static TorchSharp.torch;

namespace ManagedSwarm.Engine.Devices.Torch;

/// <summary>One layer's weights on a device.</summary>
internal sealed record TorchLayer(
    TorchNorm AttentionNorm,
    TorchMatrix Query,
    TorchMatrix Key,
    TorchMatrix Value,
    TorchMatrix Output,
    TorchNorm FeedForwardNorm,
    TorchMatrix Gate,
    TorchMatrix Up,
    TorchMatrix Down)
{
    public static TorchLayer Load(TorchWeights device, ModelWeights model, int layer)
    {
        var weights = LayerWeights.Load(model, layer);
        var epsilon = model.Config.RmsEpsilon;
        return new TorchLayer(
            device.Norm(weights.AttentionNorm, epsilon),
            device.Matrix(weights.Query),
            device.Matrix(weights.Key),
            device.Matrix(weights.Value),
            device.Matrix(weights.Output),
            device.Norm(weights.FeedForwardNorm, epsilon),
            device.Matrix(weights.Gate),
            device.Matrix(weights.Up),
            device.Matrix(weights.Down));
    }

    /// <summary>SwiGLU (arXiv 2002.05202) of the normalised states: (tokens, hiddenSize).</summary>
    public Tensor FeedForward(Tensor hidden)
    {
        var normalized = FeedForwardNorm.Apply(hidden);
        return Down.Apply(nn.functional.silu(Gate.Apply(normalized)) * Up.Apply(normalized));
    }
}
