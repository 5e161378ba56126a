using System.Text.Json;

namespace ManagedSwarm.Gguf;

/// <summary>
/// Remembers models' identities in a file, by path, length and time of the last write of all their files. Safe for use by many threads and
/// processes: of two that write at once one may be forgotten, which costs a computation. Whatever is wrong with the file, it is as if there
/// were none.
/// </summary>
/// <param name="path">The cache file; its folder is made where there is none.</param>
public sealed class ModelIdentityCache(string path)
{
    /// <summary>Of models; the one that was added first is forgotten first.</summary>
    internal const int MaxModels = 256;

    // A model of a thousand tensors has about 100 KiB.
    private const long MaxFileBytes = 64 << 20;

    private const int Version = 1;

    /// <summary>The identity of a model, if it is known: no byte of a tensor is read.</summary>
    public ModelIdentity? Find(GgufFile file) => Find(Read(), file, file.CreateStamps());

    /// <summary>The identity of a model: as it is known, or computed and then remembered, if that can be.</summary>
    /// <inheritdoc cref="ModelIdentity.Compute"/>
    public ModelIdentity FindOrCompute(GgufFile file, IProgress<HashProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var stamps = file.CreateStamps();
        if (Find(Read(), file, stamps) is { } known)
        {
            return known;
        }

        var identity = ModelIdentity.Compute(file, progress, cancellationToken);

        // Who writes into a file while it is read gets what was read, but nobody else does later.
        if (file.CreateStamps().SequenceEqual(stamps))
        {
            Add(new(stamps, identity.Hash, new(identity.TensorHashes, StringComparer.Ordinal)));
        }

        return identity;
    }

    private static ModelIdentity? Find(IEnumerable<CachedIdentity> models, GgufFile file, IReadOnlyList<FileStamp> stamps)
    {
        var model = models.LastOrDefault(model => model.Files.SequenceEqual(stamps));
        return model is not null && IsWhole(model, file) ? new(model.Hash, model.Tensors) : null;
    }

    private static bool IsWhole(CachedIdentity model, GgufFile file) => IsHash(model.Hash)
        && model.Tensors.Count == file.Tensors.Count
        && file.Tensors.All(tensor => model.Tensors.TryGetValue(tensor.Name, out var hash) && IsHash(hash));

    private static bool IsHash(string? text) => text?.Length == 64 && text.All(char.IsAsciiHexDigitLower);

    private CachedIdentity[] Read()
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var cache = stream.Length <= MaxFileBytes
                ? JsonSerializer.Deserialize(stream, ModelIdentityJson.Default.CachedIdentities)
                : null;
            return cache?.Version == Version ? [.. cache.Models.Where(IsReadable)] : [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return [];
        }
    }

    private static bool IsReadable(CachedIdentity? model) => model is { Files.Count: > 0, Tensors: not null };

    private void Add(CachedIdentity model)
    {
        var others = Read().Where(other => other.Files[0]?.Path != model.Files[0].Path).TakeLast(MaxModels - 1);
        var draft = $"{path}.{Guid.NewGuid():N}";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            using (var stream = new FileStream(draft, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                JsonSerializer.Serialize(stream, new(Version, [.. others, model]), ModelIdentityJson.Default.CachedIdentities);
            }

            File.Move(draft, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is only computed again.
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
