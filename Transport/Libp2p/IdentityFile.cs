using System.Security.Cryptography;

namespace ManagedSwarm.Transport.Libp2p;

/// <summary>The file of an identity: made in one step, and believed only where nobody but its owner can read it.</summary>
internal static class IdentityFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <inheritdoc cref="Identity.LoadOrCreate"/>
    public static Identity LoadOrCreate(string path)
    {
        try
        {
            return LoadOrCreateFile(path);
        }
        catch (Exception exception) when (exception is SwarmException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new SwarmException("invalid_identity", $"identity file '{path}': {exception.Message}", exception);
        }
    }

    private static Identity LoadOrCreateFile(string path)
    {
        try
        {
            return Load(path);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            Create(path);
            return Load(path);
        }
    }

    private static Identity Load(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(file.SafeFileHandle) is var mode && (mode & Others) != 0)
        {
            throw new SwarmException(
                "invalid_identity",
                $"its mode is {Convert.ToString((int)mode, 8)}, but a key may be open to its owner only; if nobody has read it: chmod 600");
        }

        // One byte more, so that a longer file is seen as one.
        Span<byte> bytes = stackalloc byte[PrivateKeyMessage.Length + 1];
        try
        {
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return length == PrivateKeyMessage.Length
                ? PrivateKeyMessage.Parse(bytes[..length])
                : throw new SwarmException(
                    "invalid_identity",
                    $"it has {(length < bytes.Length ? "" : "more than ")}{Math.Min(length, PrivateKeyMessage.Length)} bytes, "
                    + $"expected libp2p's private key message of {PrivateKeyMessage.Length}");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private static void Create(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        CreateFolder(folder);
        var draft = Path.Combine(folder, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}");
        try
        {
            Write(draft);
            Publish(draft, path);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process was faster: its key is the one.
        }
        finally
        {
            File.Delete(draft);
        }
    }

    /// <summary>Gives a file its name, unless another one has it. File.Move looks first and then renames: two could do so at once.</summary>
    /// <exception cref="IOException">Another one has it.</exception>
    private static void Publish(string draft, string path)
    {
        if (!OperatingSystem.IsWindows() && UnixLink.TryCreate(draft, path))
        {
            return;
        }

        File.Move(draft, path, overwrite: false);
    }

    private static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
        }
    }

    private static void Write(string path)
    {
        using var identity = Identity.Generate();
        var message = PrivateKeyMessage.Create(identity);
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = OwnerOnly;
            }

            using var file = new FileStream(path, options);
            file.Write(message);
            file.Flush(flushToDisk: true);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(message);
        }
    }
}
