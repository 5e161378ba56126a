namespace ManagedSwarm.Transport.Weights;

/// <summary>A piece that is missing.</summary>
/// <param name="Blob">Which of the blobs.</param>
/// <param name="Piece">Which of its pieces.</param>
internal readonly record struct PendingPiece(int Blob, int Piece);
