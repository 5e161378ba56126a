using ManagedSwarm.Transport.Libp2p;
using Microsoft.Extensions.Logging;

namespace ManagedSwarm.Transport.Diagnostics;

/// <summary>All log lines of the transport; never a key, never what streams carry.</summary>
internal static partial class TransportLog
{
    [LoggerMessage(3000, LogLevel.Information, "Listening on {Address}")]
    public static partial void Listening(ILogger logger, Multiaddress address);

    [LoggerMessage(3001, LogLevel.Debug, "Connected with {Peer} at {Address}; this side dialed: {IsDialer}")]
    public static partial void Connected(ILogger logger, PeerId peer, Multiaddress address, bool isDialer);

    [LoggerMessage(3002, LogLevel.Debug, "The connection with {Peer} is over: {Code}: {Reason}")]
    public static partial void Disconnected(ILogger logger, PeerId peer, string code, string reason);

    [LoggerMessage(3003, LogLevel.Debug, "A connection came to nothing: {Code}: {Reason}")]
    public static partial void InboundFailed(ILogger logger, string code, string reason);

    [LoggerMessage(3004, LogLevel.Debug, "Another connection with {Peer} has the place of the one at {Address}; this side dialed it: {IsDialer}")]
    public static partial void Spare(ILogger logger, PeerId peer, Multiaddress address, bool isDialer);

    [LoggerMessage(3005, LogLevel.Debug, "A stream of {Peer} for '{Protocol}' came to nothing: {Code}: {Reason}")]
    public static partial void StreamFailed(ILogger logger, PeerId peer, string protocol, string code, string reason);

    [LoggerMessage(3006, LogLevel.Error, "A stream of {Peer} for '{Protocol}' failed")]
    public static partial void StreamBroken(ILogger logger, Exception exception, PeerId peer, string protocol);

    [LoggerMessage(3007, LogLevel.Debug, "{Peer} does not say what it is: {Code}: {Reason}")]
    public static partial void NotIdentified(ILogger logger, PeerId peer, string code, string reason);

    [LoggerMessage(3008, LogLevel.Debug, "Dialing {Address} failed: {Code}: {Reason}")]
    public static partial void DialFailed(ILogger logger, Multiaddress address, string code, string reason);

    [LoggerMessage(3009, LogLevel.Warning, "Connections cannot be accepted for now: {Reason}")]
    public static partial void AcceptFailed(ILogger logger, string reason);

    [LoggerMessage(3010, LogLevel.Debug, "{Peer} was not told what is served here now: {Code}: {Reason}")]
    public static partial void NotPushed(ILogger logger, PeerId peer, string code, string reason);

    [LoggerMessage(3011, LogLevel.Error, "A handler of the event '{Event}' failed")]
    public static partial void EventHandlerFailed(ILogger logger, Exception exception, string @event);
}
