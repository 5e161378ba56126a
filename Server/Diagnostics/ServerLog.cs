namespace ManagedSwarm.Server.Diagnostics;

/// <summary>All log lines of the server; never the text of a prompt or a reply, never a key.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(4000, LogLevel.Information, "Model {Model} is ready after {Seconds:F1} s")]
    public static partial void ModelReady(ILogger logger, string model, double seconds);

    [LoggerMessage(4005, LogLevel.Error, "Model {Model} could not be loaded: {Reason}")]
    public static partial void LoadFailed(ILogger logger, Exception? exception, string model, string reason);

    [LoggerMessage(4001, LogLevel.Error, "{Method} {Path} failed")]
    public static partial void RequestFailed(ILogger logger, Exception exception, string method, string path);

    [LoggerMessage(4002, LogLevel.Debug, "{Method} {Path}: the client went away")]
    public static partial void ClientGone(ILogger logger, string method, string path);

    [LoggerMessage(4003, LogLevel.Information, "{Method} {Path} was refused: {Status} {Code}")]
    public static partial void RequestRefused(ILogger logger, string method, string path, int status, string code);

    [LoggerMessage(4030, LogLevel.Warning, "The instance {Instance} has failed; a request for {Model} goes to another")]
    public static partial void RequestRetried(ILogger logger, string instance, string model);

    [LoggerMessage(4031, LogLevel.Debug, "The instance {Instance} does not answer: {Reason}")]
    public static partial void InstanceFailed(ILogger logger, string instance, string reason);

    [LoggerMessage(4032, LogLevel.Warning, "The instance {Instance} broke off in the middle of a reply, and no other can go on with it")]
    public static partial void ReplyLost(ILogger logger, string instance);

    [LoggerMessage(4004, LogLevel.Information, "Stopping: replies under way have {Seconds:F0} s to end")]
    public static partial void Stopping(ILogger logger, double seconds);
}
