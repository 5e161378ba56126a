using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Transport.Weights;

/// <summary>
/// Remembers the pieces of models, one file <c>HASH-OF-PATH.json</c> for each, by path, length and time of the last write of all the model's
/// files. Safe for use by many threads and processes. Whatever is wrong with a file, it is as if there were none.
/// </summary>
/// <param name="folder">Made where there is none.</param>
public sealed class PieceHashCache(string folder)
{
    // A terabyte has 250,000 pieces, of 44 characters each.
    private const long MaxFileBytes = 64 << 20;

    private const int Version = 1;

    private const int NameBytes = 16;

    /// <summary>The pieces of a model, if they are known: no byte of a tensor is read.</summary>
    public PieceHashes? Find(GgufFile file) => Find(file, file.CreateStamps());

    /// <summary>The pieces of a model: as they are known, or computed and then remembered, if that can be.</summary>
    /// <inheritdoc cref="PieceHashes.Compute"/>
    public PieceHashes FindOrCompute(GgufFile file, IProgress<HashProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var stamps = file.CreateStamps();
        if (Find(file, stamps) is { } known)
        {
            return known;
        }

        var pieces = PieceHashes.Compute(file, progress, cancellationToken);

        // Who writes into a file while it is read gets what was read, but nobody else does later.
        if (file.CreateStamps().SequenceEqual(stamps))
        {
            Save(new(Version, stamps, pieces.Tensors.ToDictionary(pair => pair.Key, pair => pair.Value.Hashes.ToArray())));
        }

        return pieces;
    }

    private PieceHashes? Find(GgufFile file, IReadOnlyList<FileStamp> stamps)
    {
        if (Read(PathOf(stamps[0])) is not { Version: Version } cached || !cached.Files.SequenceEqual(stamps))
        {
            return null;
        }

        var tensors = new Dictionary<string, TensorPieces>(file.Tensors.Count, StringComparer.Ordinal);
        foreach (var tensor in file.Tensors)
        {
            if (!cached.Tensors.TryGetValue(tensor.Name, out var hashes)
                || hashes?.Length != TensorPieces.CountOf(tensor.ByteLength) * TensorPieces.HashBytes)
            {
                return null;
            }

            tensors[tensor.Name] = new(hashes);
        }

        return new(tensors);
    }

    private string PathOf(FileStamp model) =>
        Path.Combine(folder, $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(model.Path)).AsSpan(0, NameBytes))}.json");

    private static CachedPieces? Read(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return stream.Length <= MaxFileBytes ? JsonSerializer.Deserialize(stream, CachedPiecesJson.Default.CachedPieces) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    private void Save(CachedPieces pieces)
    {
        var path = PathOf(pieces.Files[0]);
        var draft = $"{path}.{Guid.NewGuid():N}";
        try
        {
            Directory.CreateDirectory(folder);
            using (var stream = new FileStream(draft, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                JsonSerializer.Serialize(stream, pieces, CachedPiecesJson.Default.CachedPieces);
            }

            File.Move(draft, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // They are only computed again.
            TryDelete(draft);
        }
    }

    private static void TryDelete(string draft)
    {
        try
        {
            File.Delete(draft);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Where nothing can be written, nothing was.
        }
    }
}
