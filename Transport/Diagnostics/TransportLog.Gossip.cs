using ManagedSwarm.Transport.Libp2p;
using Microsoft.Extensions.Logging;

namespace ManagedSwarm.Transport.Diagnostics;

/// <summary>Messages between peers, and gossip.</summary>
internal static partial class TransportLog
{
    [LoggerMessage(3040, LogLevel.Warning, "Messages of '{Protocol}' to {Peer} are dropped: it takes none, {Count} wait")]
    public static partial void MessagesDropped(ILogger logger, PeerId peer, string protocol, int count);

    [LoggerMessage(3041, LogLevel.Debug, "The stream of '{Protocol}' to {Peer} is not open; tried again in {Delay}: {Code}: {Reason}")]
    public static partial void MessageStreamBroken(
        ILogger logger, PeerId peer, string protocol, string code, string reason, TimeSpan delay);

    [LoggerMessage(3042, LogLevel.Debug, "The stream of '{Protocol}' from {Peer} has ended: {Reason}")]
    public static partial void MessageStreamEnded(ILogger logger, PeerId peer, string protocol, string reason);

    [LoggerMessage(3043, LogLevel.Debug, "The stream of '{Protocol}' from {Peer} is reset: {Code}: {Reason}")]
    public static partial void MessageStreamInvalid(ILogger logger, PeerId peer, string protocol, string code, string reason);

    [LoggerMessage(3044, LogLevel.Error, "What '{Protocol}' does with a message of {Peer} failed")]
    public static partial void MessageHandlerFailed(ILogger logger, Exception exception, PeerId peer, string protocol);

    [LoggerMessage(3045, LogLevel.Debug, "A stream of '{Protocol}' from {Peer} is refused: there is no session with it any more")]
    public static partial void MessageStreamRefused(ILogger logger, PeerId peer, string protocol);

    [LoggerMessage(3046, LogLevel.Debug, "A message of {Author} in topic '{Topic}' that {Peer} sent is not signed by its author")]
    public static partial void GossipNotSigned(ILogger logger, PeerId peer, PeerId author, string topic);

    [LoggerMessage(3047, LogLevel.Warning, "Messages of topic '{Topic}' are dropped: nobody takes them, {Count} wait")]
    public static partial void GossipNotTaken(ILogger logger, string topic, int count);
}
