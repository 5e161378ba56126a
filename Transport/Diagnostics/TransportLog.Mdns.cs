using Microsoft.Extensions.Logging;

namespace ManagedSwarm.Transport.Diagnostics;

/// <summary>The log lines of mDNS.</summary>
internal static partial class TransportLog
{
    [LoggerMessage(3050, LogLevel.Debug, "mDNS begins on {Where}")]
    public static partial void MdnsBegins(ILogger logger, string where);

    [LoggerMessage(3051, LogLevel.Information, "mDNS finds no one by {Where}: {Reason}")]
    public static partial void MdnsFails(ILogger logger, string where, string reason);
}
