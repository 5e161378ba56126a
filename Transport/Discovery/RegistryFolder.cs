namespace ManagedSwarm.Transport.Discovery;

/// <summary>
/// The folder by which nodes of one user on one machine find each other. Nobody else may put a file into it: what it says is believed
/// enough to be dialed.
/// </summary>
public static class RegistryFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>Where it is without a choice: in the user's runtime folder, else in the system's temporary one.</summary>
    /// <param name="environment">Reads an environment variable.</param>
    public static string DefaultPath(Func<string, string?> environment) =>
        environment("XDG_RUNTIME_DIR") is { Length: > 0 } runtime && Path.IsPathFullyQualified(runtime) && Directory.Exists(runtime)
            ? Path.Combine(runtime, "managedswarm")
            : Path.Combine(Path.GetTempPath(), $"managedswarm-{UnixOwner.Current?.ToString() ?? Environment.UserName}");

    /// <summary>What nodes of this user on this machine say now. Makes no folder, and sends nothing.</summary>
    /// <param name="folder">The registry of all networks.</param>
    /// <param name="network">The network.</param>
    /// <returns>None, where there is no folder, or none that can be trusted. Files that are damaged are passed over.</returns>
    public static IReadOnlyList<DiscoveredPeer> Read(string folder, string network)
    {
        if (!Directory.Exists(Path.Combine(folder, network)))
        {
            return [];
        }

        try
        {
            return [.. RegistryFile.All(Open(folder, network)).Select(RegistryFile.TryRead).OfType<RegistryEntry>().Select(entry =>
                new DiscoveredPeer(DiscoverySource.Registry, entry.Id, entry.Addresses))];
        }
        catch (SwarmException)
        {
            return [];
        }
    }

    /// <summary>Makes a network's folder, where it is not there, and looks at it and the one above.</summary>
    /// <returns>Its path.</returns>
    /// <exception cref="SwarmException">
    /// <c>unsafe_folder</c>: it is a link, another user's, or others can write into it; <c>registry_failed</c>: it cannot be made.
    /// </exception>
    internal static string Open(string folder, string network)
    {
        try
        {
            AtomicFile.CreateFolder(folder);
            Require(folder);
            var path = Path.Combine(folder, network);
            AtomicFile.CreateFolder(path);
            Require(path);
            CloseToOthers(path);
            return path;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new SwarmException("registry_failed", $"the registry folder '{folder}' cannot be used: {exception.Message}", exception);
        }
    }

    // In a folder where everybody may write, nobody can exchange a folder that is ours: that is what its sticky bit is for. So what is seen
    // here stays true.
    private static void Require(string path)
    {
        if (new DirectoryInfo(path).LinkTarget is not null)
        {
            throw Unsafe(path, "it is a link");
        }

        if (OperatingSystem.IsWindows())
        {
            return;
        }

        if (UnixOwner.Of(path) is { } owner && UnixOwner.Current is { } self && owner != self)
        {
            throw Unsafe(path, $"it belongs to user {owner}, not to user {self}");
        }

        if (File.GetUnixFileMode(path) is var mode && (mode & OthersWrite) != 0)
        {
            throw Unsafe(path, $"others can write into it: its mode is {Convert.ToString((int)mode, 8)}, allowed is 700");
        }
    }

    // Only its owner can do so, which is a second look at who that is.
    private static void CloseToOthers(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, OwnerOnly);
        }
    }

    private static SwarmException Unsafe(string path, string why) => new("unsafe_folder", $"the registry folder '{path}' cannot be trusted: {why}");
}
