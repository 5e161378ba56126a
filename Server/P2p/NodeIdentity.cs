using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Server.P2p;

/// <summary>
/// A node's key, in a file that no other process uses meanwhile: two nodes with one key would be one peer. A second node of the same user
/// takes the next file, and the same one at its next start.
/// </summary>
internal sealed class NodeIdentity : IDisposable
{
    /// <summary>More nodes of one user on one machine share no file system by choice.</summary>
    private const int MaxFiles = 256;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // EAGAIN on Linux and on macOS, ERROR_SHARING_VIOLATION on Windows.
    private static readonly int[] SharingViolations = [11, 35, unchecked((int)0x80070020)];

    private readonly FileStream _lock;

    private NodeIdentity(FileStream fileLock, Identity key) => (_lock, Key) = (fileLock, key);

    /// <summary>The key; gone when this is disposed of.</summary>
    public Identity Key { get; }

    /// <summary>Takes a key's file, and makes it where there is none.</summary>
    /// <param name="file">Which; null: the first of the folder's that is free.</param>
    /// <param name="folder">Where they are kept.</param>
    /// <exception cref="StartException">It is in use, damaged, open to others, or cannot be read or written.</exception>
    public static NodeIdentity Open(string? file, string folder)
    {
        if (file is not null)
        {
            return TryOpen(file) ?? throw new StartException($"identity file '{file}': another process uses it; a node needs one of its own");
        }

        return Enumerable.Range(1, MaxFiles)
            .Select(number => TryOpen(Path.Combine(folder, number == 1 ? "identity.key" : $"identity-{number}.key")))
            .FirstOrDefault(found => found is not null)
            ?? throw new StartException($"identity files in '{folder}': {MaxFiles} processes use them; choose another by --identity");
    }

    public void Dispose()
    {
        Key.Dispose();
        _lock.Dispose();
    }

    private static NodeIdentity? TryOpen(string file)
    {
        FileStream? fileLock = null;
        try
        {
            fileLock = Lock(file);
            return fileLock is null ? null : new(fileLock, Identity.LoadOrCreate(file));
        }
        catch (Exception exception) when (exception is SwarmException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            fileLock?.Dispose();
            var message = exception is SwarmException ? exception.Message : $"identity file '{file}': {exception.Message}";
            throw new StartException(message + "; choose another by --identity", exception);
        }
    }

    // The file of the lock stays: were it deleted, two processes could hold locks of two files of that name.
    private static FileStream? Lock(string file)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            BufferSize = 0,
        };
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
            options.UnixCreateMode = OwnerOnly;
        }

        try
        {
            return new FileStream(file + ".lock", options);
        }
        catch (IOException exception) when (SharingViolations.Contains(exception.HResult))
        {
            return null;
        }
    }
}
