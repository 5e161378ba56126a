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

    /// <summary>Where members' addresses are remembered: a file <c>NETWORK-PEER</c> for each of this user's nodes.</summary>
    public static string PeersIn(string configuration) => Path.Combine(configuration, "peers");
}
