namespace ManagedSwarm.Gguf;

/// <summary>How far the hashing of a model has come.</summary>
/// <param name="Done">Bytes of tensors that have been read.</param>
/// <param name="Total">Bytes of all tensors.</param>
public readonly record struct HashProgress(long Done, long Total);
