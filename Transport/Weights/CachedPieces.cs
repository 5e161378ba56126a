using ManagedSwarm.Gguf;

namespace ManagedSwarm.Transport.Weights;

/// <summary>A file of a <see cref="PieceHashCache"/>.</summary>
/// <param name="Version">Of its form.</param>
/// <param name="Files">All files of the model as they were, in their order.</param>
/// <param name="Tensors">See <see cref="TensorPieces.Hashes"/>, by the tensors' names.</param>
internal sealed record CachedPieces(int Version, IReadOnlyList<FileStamp> Files, Dictionary<string, byte[]> Tensors);
