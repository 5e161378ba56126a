namespace ManagedSwarm.Server.P2p;

/// <summary>Where a node keeps its files.</summary>
/// <param name="Configuration">Keys and what is known of other nodes; this user's only.</param>
/// <param name="Registry">Where nodes of this user on this machine find each other; null: nowhere.</param>
internal sealed record NodeFolders(string Configuration, string? Registry)
{
    private const string Name = "managedswarm";

    /// <summary>Those of this user.</summary>
    public static NodeFolders OfUser() => new(
        Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify), Name),
        Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } runtime
            ? Path.Combine(runtime, Name)
            : Path.Combine(Path.GetTempPath(), $"{Name}-{Environment.UserName}"));

    /// <summary>Where members' addresses are remembered: a file <c>NETWORK-PEER</c> for each of this user's nodes.</summary>
    public static string PeersIn(string configuration) => Path.Combine(configuration, "peers");
}
