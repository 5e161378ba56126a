using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Server.Diagnostics;

internal static partial class ServerLog
{
    [LoggerMessage(4010, LogLevel.Information, "Joined the swarm {Network} as {Self}")]
    public static partial void SwarmJoined(ILogger logger, string network, PeerId self);

    [LoggerMessage(4011, LogLevel.Information, "Left the swarm as {Self}")]
    public static partial void SwarmLeft(ILogger logger, PeerId self);

    [LoggerMessage(4020, LogLevel.Warning, "{Warning}")]
    public static partial void SplitWarning(ILogger logger, string warning);

    [LoggerMessage(4021, LogLevel.Warning, "The layers are not placed yet: {Code}: {Reason}")]
    public static partial void SplitFailed(ILogger logger, string code, string reason);

    [LoggerMessage(4022, LogLevel.Information, "{Line}")]
    public static partial void SpareChanged(ILogger logger, string line);

    [LoggerMessage(4012, LogLevel.Warning, "The hash of the model {Model} cannot be computed: {Reason}")]
    public static partial void HashFailed(ILogger logger, string model, string reason);

    [LoggerMessage(4013, LogLevel.Warning, "The change of the settings is made, but gone at the next start, as it cannot be written: {Reason}")]
    public static partial void SettingsNotSaved(ILogger logger, string reason);

    [LoggerMessage(4024, LogLevel.Information, "A worker has come: layers are handed over, {Places}")]
    public static partial void Rearranging(ILogger logger, string places);

    [LoggerMessage(4025, LogLevel.Warning, "A worker that has come is not taken in, all stays as it is: {Code}: {Reason}")]
    public static partial void NotRearranged(ILogger logger, string code, string reason);

    [LoggerMessage(4026, LogLevel.Information, "A worker has come, and all layers stay where they are: {Reason}")]
    public static partial void StaysArranged(ILogger logger, string reason);
}
