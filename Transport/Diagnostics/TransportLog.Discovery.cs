using ManagedSwarm.Transport.Libp2p;
using Microsoft.Extensions.Logging;

namespace ManagedSwarm.Transport.Diagnostics;

internal static partial class TransportLog
{
    [LoggerMessage(3070, LogLevel.Warning, "The peer cache '{Path}' cannot be used and is begun anew: {Reason}")]
    public static partial void PeerCacheUnusable(ILogger logger, string path, string reason);

    [LoggerMessage(3071, LogLevel.Warning, "The peer cache '{Path}' cannot be written: {Reason}")]
    public static partial void PeerCacheNotWritten(ILogger logger, string path, string reason);

    [LoggerMessage(3072, LogLevel.Warning, "Nodes on this machine are not looked for: {Code}: {Reason}")]
    public static partial void RegistryUnusable(ILogger logger, string code, string reason);

    [LoggerMessage(3073, LogLevel.Information, "Changes of the registry '{Folder}' are not told, it is read again and again: {Reason}")]
    public static partial void RegistryNotWatched(ILogger logger, string folder, string reason);

    [LoggerMessage(3074, LogLevel.Warning, "Another process on this machine is {Peer} as well: one identity is good for one node only ({File})")]
    public static partial void IdentityUsedTwice(ILogger logger, PeerId peer, string file);

    [LoggerMessage(3075, LogLevel.Debug, "Registry file '{File}' is passed over: {Reason}")]
    public static partial void RegistryFileUnusable(ILogger logger, string file, string reason);

    [LoggerMessage(3076, LogLevel.Debug, "Trying {Address}, named by {Source}: {Code}: {Reason}")]
    public static partial void TrialFailed(ILogger logger, Multiaddress address, string source, string code, string reason);

    [LoggerMessage(3077, LogLevel.Error, "Trying {Address}, named by {Source}, failed")]
    public static partial void TrialBroken(ILogger logger, Exception exception, Multiaddress address, string source);
}
