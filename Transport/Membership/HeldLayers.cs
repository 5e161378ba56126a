namespace ManagedSwarm.Transport.Membership;

/// <summary>A contiguous range of a model's layers that a node holds.</summary>
/// <param name="ModelHash">The model's identity.</param>
/// <param name="First">The first layer.</param>
/// <param name="End">The layer behind the last one.</param>
public sealed record HeldLayers(string ModelHash, int First, int End);
