using ManagedSwarm.Gguf;

namespace ManagedSwarm.Transport.Weights;

/// <summary>A tensor that a stage needs.</summary>
/// <param name="Info">What it is; its place means nothing.</param>
/// <param name="Pieces">What its bytes are.</param>
public sealed record ManifestTensor(TensorInfo Info, TensorPieces Pieces);
