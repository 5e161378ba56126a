namespace ManagedSwarm.Transport.Discovery;

/// <summary>
/// This node's file in the registry. It is locked as long as the process lives: a file that is not is a dead process's, whatever its number
/// was. Each new content is a new file with a new name, so that nobody who removes dead ones can mistake it.
/// </summary>
internal sealed class RegistryFile(string folder) : IDisposable
{
    public const string Extension = ".peer";

    /// <summary>Files of which each is read; a user has no more nodes on a machine.</summary>
    public const int MaxFiles = 256;

    private FileStream? _file;
    private RegistryEntry? _entry;

    /// <summary>Its path; null: there is none yet.</summary>
    public string? Path { get; private set; }

    /// <summary>Writes what is new, and the whole where the file has been removed by somebody.</summary>
    /// <exception cref="IOException">Or <see cref="UnauthorizedAccessException"/>: it cannot be written.</exception>
    public void Write(RegistryEntry entry)
    {
        if (_entry is { } old && old.Id == entry.Id && old.Addresses.SequenceEqual(entry.Addresses) && File.Exists(Path))
        {
            return;
        }

        var name = Guid.NewGuid().ToString("N");
        var draft = System.IO.Path.Combine(folder, "." + name);
        var path = System.IO.Path.Combine(folder, name + Extension);
        var file = AtomicFile.Create(draft, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            file.Write(entry.ToBytes());
            file.Flush();
            File.Move(draft, path);
        }
        catch
        {
            file.Dispose();
            File.Delete(draft);
            throw;
        }

        Dispose();
        (_file, Path, _entry) = (file, path, entry);
    }

    /// <summary>Reads another node's file.</summary>
    /// <returns>Null: its process is dead, and it has been removed.</returns>
    /// <exception cref="SwarmException">It is damaged.</exception>
    /// <exception cref="IOException">Or <see cref="UnauthorizedAccessException"/>: it cannot be read now.</exception>
    public static RegistryEntry? ReadOrRemove(string path)
    {
        if (!IsLocked(path))
        {
            File.Delete(path);
            return null;
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        Span<byte> bytes = stackalloc byte[RegistryEntry.MaxBytes];
        var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return RegistryEntry.Parse(bytes[..length]);
    }

    /// <summary>The same; null: it is damaged, or cannot be read.</summary>
    public static RegistryEntry? TryRead(string path)
    {
        try
        {
            return ReadOrRemove(path);
        }
        catch (Exception exception) when (exception is SwarmException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The files of a network's folder.</summary>
    public static string[] All(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFiles(folder, "*" + Extension).Take(MaxFiles)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Removes it.</summary>
    public void Dispose()
    {
        if (Path is not null)
        {
            File.Delete(Path);
        }

        _file?.Dispose();
        (_file, Path, _entry) = (null, null, null);
    }

    /// <summary>Whether a process has it: one that wants it alone cannot have it then.</summary>
    private static bool IsLocked(string path)
    {
        try
        {
            using var alone = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.None, bufferSize: 0);
            return false;
        }
        catch (IOException exception) when (exception is not (FileNotFoundException or DirectoryNotFoundException))
        {
            return true;
        }
    }
}
