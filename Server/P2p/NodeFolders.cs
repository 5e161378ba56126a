using ManagedSwarm.Transport.Discovery;

namespace ManagedSwarm.Server.P2p;

/// <summary>Where a node keeps its files.</summary>
/// <param name="Configuration">Keys and what is known of other nodes; this user's only.</param>
/// <param name="Registry">Where nodes of this user on this machine find each other; null: nowhere.</param>
internal sealed record NodeFolders(string Configuration, string? Registry)
{
    /// <summary>Those of this user.</summary>
    public static NodeFolders OfUser() => new(
        Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify), "managedswarm"),
        RegistryFolder.DefaultPath(Environment.GetEnvironmentVariable));

    /// <summary>Where weights of others' models are kept.</summary>
    public static string WeightsOfUser()
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } folder && Path.IsPathRooted(folder)
            ? folder
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify), ".cache");
        return Path.Combine(cache, "managedswarm", "weights");
    }

    /// <summary>What is known of which model a file is.</summary>
    public static string IdentitiesIn(string configuration) => Path.Combine(configuration, "models.json");

    /// <summary>What is known of the pieces of files.</summary>
    public static string PiecesIn(string configuration) => Path.Combine(configuration, "pieces");

    /// <summary>How fast split models were.</summary>
    public static string MeasuredIn(string configuration) => Path.Combine(configuration, "measured.json");

    /// <summary>Where members' addresses are remembered: a file <c>NETWORK-PEER</c> for each of this user's nodes.</summary>
    public static string PeersIn(string configuration) => Path.Combine(configuration, "peers");
}
