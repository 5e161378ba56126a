namespace ManagedSwarm.Engine.Kernels;

/// <summary>Which managed kernels compute.</summary>
public enum KernelKind
{
    /// <summary>Weights packed for this CPU, activations of 8 bits.</summary>
    Fast = 0,

    /// <summary>f32 arithmetic on dequantized rows: slow, simple, the judge of the fast ones.</summary>
    Reference = 1,
}
