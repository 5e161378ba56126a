using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Server.Diagnostics;

internal static partial class ServerLog
{
    [LoggerMessage(4010, LogLevel.Information, "Joined the swarm {Network} as {Self}")]
    public static partial void SwarmJoined(ILogger logger, string network, PeerId self);

    [LoggerMessage(4011, LogLevel.Information, "Left the swarm as {Self}")]
    public static partial void SwarmLeft(ILogger logger, PeerId self);

    [LoggerMessage(4012, LogLevel.Warning, "The hash of the model {Model} cannot be computed: {Reason}")]
    public static partial void HashFailed(ILogger logger, string model, string reason);
}
