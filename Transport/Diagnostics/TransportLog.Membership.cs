using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Membership;
using Microsoft.Extensions.Logging;

namespace ManagedSwarm.Transport.Diagnostics;

internal static partial class TransportLog
{
    [LoggerMessage(3080, LogLevel.Information, "{Kind}: {Name} ({Peer})")]
    public static partial void MemberChanged(ILogger logger, SwarmEventKind kind, string name, PeerId peer);

    [LoggerMessage(3081, LogLevel.Warning, "What {Peer} sends is refused, from now on without a word: {Code}: {Reason}")]
    public static partial void MemberRefused(ILogger logger, PeerId peer, string code, string reason);

    [LoggerMessage(3082, LogLevel.Error, "Looking for members by {Source} failed")]
    public static partial void DiscoveryFailed(ILogger logger, Exception exception, string source);

    [LoggerMessage(3083, LogLevel.Error, "What this node says about itself cannot be measured")]
    public static partial void FactsFailed(ILogger logger, Exception exception);
}
