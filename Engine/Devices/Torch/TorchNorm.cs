using static TorchSharp.torch;

namespace ManagedSwarm.Engine.Devices.Torch;

/// <summary>Root mean square norm (arXiv 1910.07467).</summary>
/// <param name="Weight">(hiddenSize)</param>
/// <param name="Epsilon">(1); a tensor, because a number would be wrapped anew at each use.</param>
internal sealed record TorchNorm(Tensor Weight, Tensor Epsilon)
{
    /// <summary>(tokens, hiddenSize), each token by itself.</summary>
    public Tensor Apply(Tensor inputs) =>
        inputs * inputs.square().mean([-1], keepdim: true).add_(Epsilon).rsqrt_() * Weight;
}
