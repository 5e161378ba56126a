using ManagedSwarm.Transport.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ManagedSwarm.Transport.Weights;

/// <summary>What is known of a source during a fetch.</summary>
/// <param name="number">Its number in the schedule.</param>
/// <param name="source">Who it is.</param>
/// <param name="stop">Ends the fetch.</param>
internal sealed class FetchSource(int number, WeightSource source, CancellationToken stop) : IDisposable
{
    private readonly CancellationTokenSource _out = CancellationTokenSource.CreateLinkedTokenSource(stop);
    private int _isLiar;
    private int _delivered;

    public int Number => number;

    public WeightSource Source => source;

    /// <summary>Cancelled when nothing more is wanted of it.</summary>
    public CancellationToken Stop => _out.Token;

    /// <summary>Why it has not sent what it was asked for, as far as anything is known.</summary>
    public string Reason { get; set; } = "it was not needed";

    /// <summary>Pieces that came from it and were right.</summary>
    public int Delivered => Volatile.Read(ref _delivered);

    public void CountDelivered() => Interlocked.Increment(ref _delivered);

    /// <summary>It has sent something else than it was asked for: it is asked for nothing any more.</summary>
    public void Condemn(string tensor, int piece, ILogger logger)
    {
        if (Interlocked.Exchange(ref _isLiar, 1) == 0)
        {
            Reason = $"it sent wrong bytes for piece {piece} of tensor '{tensor}'";
            TransportLog.WrongPiece(logger, source.Peer, tensor, piece);
            _out.Cancel();
        }
    }

    public void Dispose() => _out.Dispose();
}
