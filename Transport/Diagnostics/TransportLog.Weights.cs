using ManagedSwarm.Transport.Libp2p;
using Microsoft.Extensions.Logging;

namespace ManagedSwarm.Transport.Diagnostics;

internal static partial class TransportLog
{
    [LoggerMessage(3120, LogLevel.Warning, "{Peer} sent wrong bytes for piece {Piece} of tensor '{Tensor}' and is asked for no more weights")]
    public static partial void WrongPiece(ILogger logger, PeerId peer, string tensor, int piece);

    [LoggerMessage(3121, LogLevel.Warning, "The cached tensor '{Tensor}' is damaged and is fetched again ({Path}): {Damage}")]
    public static partial void BlobDamaged(ILogger logger, string tensor, string path, string damage);

    [LoggerMessage(3122, LogLevel.Information, "Weights from {Peer} broke off: {Code}: {Reason}")]
    public static partial void SourceFailed(ILogger logger, PeerId peer, string code, string reason);

    [LoggerMessage(3123, LogLevel.Information, "Weights from {Peer} come over the connection that there is: {Code}: {Reason}")]
    public static partial void NoBulkConnection(ILogger logger, PeerId peer, string code, string reason);

    [LoggerMessage(3124, LogLevel.Information, "The model file '{Path}' is passed over: {Reason}")]
    public static partial void OwnCopyUnusable(ILogger logger, string path, string reason);
}
