using ManagedSwarm.Gguf;
using ManagedSwarm.Transport.Weights;

namespace ManagedSwarm.Server.P2p.Heads;

/// <summary>What workers need to know of a file to fetch its bytes: which model it is, and the hashes of its pieces.</summary>
/// <param name="Hash">The model's identity.</param>
/// <param name="Pieces">Of all tensors.</param>
internal sealed record ModelBytes(string Hash, PieceHashes Pieces)
{
    /// <summary>Found out, or remembered: may read all of the file, twice.</summary>
    /// <param name="file">The model.</param>
    /// <param name="folder">Where such things are remembered.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static Task<ModelBytes> ReadAsync(GgufFile file, string folder, CancellationToken cancellationToken) => Task.Run(
        () => new ModelBytes(
            new ModelIdentityCache(NodeFolders.IdentitiesIn(folder)).FindOrCompute(file, progress: null, cancellationToken).Hash,
            new PieceHashCache(NodeFolders.PiecesIn(folder)).FindOrCompute(file, progress: null, cancellationToken)),
        cancellationToken);
}
