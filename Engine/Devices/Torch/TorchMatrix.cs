using static TorchSharp.torch;

namespace ManagedSwarm.Engine.Devices.Torch;

/// <summary>A linear function.</summary>
/// <param name="Weight">(rows, columns)</param>
/// <param name="Bias">(rows), if there is one.</param>
internal sealed record TorchMatrix(Tensor Weight, Tensor? Bias)
{
    /// <summary>(tokens, columns) to (tokens, rows).</summary>
    public Tensor Apply(Tensor inputs) => nn.functional.linear(inputs, Weight, Bias);
}
