namespace ManagedSwarm.Gguf;

/// <summary>A model in the file of a <see cref="ModelIdentityCache"/>.</summary>
/// <param name="Files">All its files as they were, in their order.</param>
/// <param name="Hash">See <see cref="ModelIdentity.Hash"/>.</param>
/// <param name="Tensors">See <see cref="ModelIdentity.TensorHashes"/>.</param>
internal sealed record CachedIdentity(IReadOnlyList<FileStamp> Files, string Hash, Dictionary<string, string> Tensors);
