using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Kad;
using Microsoft.Extensions.Logging;

namespace ManagedSwarm.Transport.Diagnostics;

internal static partial class TransportLog
{
    [LoggerMessage(3060, LogLevel.Debug, "{Peer} has not answered {Request} of the DHT: {Code}: {Reason}")]
    public static partial void KadRequestFailed(ILogger logger, PeerId peer, KadMessageType request, string code, string reason);

    [LoggerMessage(3061, LogLevel.Debug, "A stream of {Peer} to the DHT came to nothing: {Code}: {Reason}")]
    public static partial void KadStreamEnded(ILogger logger, PeerId peer, string code, string reason);

    [LoggerMessage(3062, LogLevel.Trace, "{Peer} says that it provides a key: {Outcome}")]
    public static partial void KadProvider(ILogger logger, PeerId peer, ProviderOutcome outcome);

    [LoggerMessage(3063, LogLevel.Debug, "A lookup in the DHT ({Request}): {Requests} peers asked, {Closest} closest, {Providers} providers")]
    public static partial void KadLookup(ILogger logger, KadMessageType request, int requests, int closest, int providers);

    [LoggerMessage(3064, LogLevel.Error, "The DHT's routing table is looked after no more")]
    public static partial void KadRefreshFailed(ILogger logger, Exception exception);

    [LoggerMessage(3065, LogLevel.Debug, "The DHT knows of {Members} members; it is asked again in {Seconds} s")]
    public static partial void KadDiscovered(ILogger logger, int members, double seconds);
}
