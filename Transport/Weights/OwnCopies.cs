using ManagedSwarm.Gguf;
using ManagedSwarm.Transport.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ManagedSwarm.Transport.Weights;

/// <summary>GGUF files that this node has itself: for a model that is among them, nothing is fetched.</summary>
/// <param name="paths">The files; those that are missing or broken are passed over.</param>
/// <param name="identities">What is known of their hashes; others are computed.</param>
/// <param name="logger">Told what is passed over.</param>
public sealed class OwnCopies(IReadOnlyList<string> paths, ModelIdentityCache identities, ILogger? logger = null)
{
    private readonly ILogger _logger = logger ?? NullLogger.Instance;

    /// <summary>
    /// Opens the file that is the manifest's model, if there is one: it has the same hash, not just the same name. A file is only hashed,
    /// which may take minutes, where all tensors of the manifest are in it.
    /// </summary>
    /// <param name="manifest">The model.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The caller's to dispose; null: there is none.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Task<GgufFile?> FindAsync(WeightManifest manifest, CancellationToken cancellationToken = default) =>
        Task.Run(() => paths.Select(path => TryOpen(path, manifest, cancellationToken)).FirstOrDefault(file => file is not null), cancellationToken);

    private GgufFile? TryOpen(string path, WeightManifest manifest, CancellationToken cancellationToken)
    {
        GgufFile? file = null;
        try
        {
            file = GgufFile.Open(path);
            if (HasAll(file, manifest) && identities.FindOrCompute(file, cancellationToken: cancellationToken).Hash == manifest.ModelHash)
            {
                return file;
            }
        }
        catch (Exception exception) when (exception is GgufFormatException or IOException or UnauthorizedAccessException)
        {
            TransportLog.OwnCopyUnusable(_logger, path, exception.Message);
        }
        catch
        {
            file?.Dispose();
            throw;
        }

        file?.Dispose();
        return null;
    }

    private static bool HasAll(GgufFile file, WeightManifest manifest) => manifest.Tensors.All(tensor =>
        file.TryGetTensor(tensor.Info.Name, out var own)
        && own.Type == tensor.Info.Type
        && own.Dimensions.AsSpan().SequenceEqual(tensor.Info.Dimensions.AsSpan()));
}
