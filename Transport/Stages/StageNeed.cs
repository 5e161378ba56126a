namespace ManagedSwarm.Transport.Stages;

/// <summary>What a stage takes of a worker.</summary>
/// <param name="MemoryBytes">Weights, KV cache and buffers.</param>
/// <param name="HiddenSize">Floats per token, by the model's own word.</param>
public sealed record StageNeed(long MemoryBytes, int HiddenSize);
