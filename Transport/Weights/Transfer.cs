using System.Runtime.ExceptionServices;
using ManagedSwarm.Transport.Libp2p.Sessions;

namespace ManagedSwarm.Transport.Weights;

/// <summary>Fetches what is missing of some blobs: from all sources at once, each piece verified and written beside what is being received.</summary>
internal sealed class Transfer : IDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly CancellationToken _cancelled;
    private readonly ProgressMeter _meter;
    private readonly IReadOnlyList<FetchSource> _sources;
    private readonly RunningTasks _intake = new();
    private Exception? _failure;

    /// <param name="blobs">Stay the caller's.</param>
    /// <param name="sources">Who may have them.</param>
    /// <param name="connections">How they are reached.</param>
    /// <param name="meter">Told what has come.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Transfer(
        IReadOnlyCollection<PartialBlob> blobs,
        IReadOnlyList<WeightSource> sources,
        BulkConnections connections,
        ProgressMeter meter,
        WeightFetcherOptions options,
        CancellationToken cancellationToken)
    {
        // The largest first: the small ones fill the gaps at the end.
        Blobs = [.. blobs.OrderByDescending(blob => blob.Blob.Length).ThenBy(blob => blob.Blob.Tensor, StringComparer.Ordinal)];
        (Connections, Options, _meter, _cancelled) = (connections, options, meter, cancellationToken);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _sources = [.. sources.Select((source, number) => new FetchSource(number, source, _stop.Token))];
        Schedule = new(Blobs.SelectMany((blob, number) => blob.Missing.Select(piece => new PendingPiece(number, piece))), _sources.Count);
        Buffers = new(options.PiecesInMemory, (int)Math.Min(TensorPieces.PieceBytes, Blobs[0].Blob.Length));
    }

    public IReadOnlyList<PartialBlob> Blobs { get; }

    public PieceSchedule Schedule { get; }

    public PieceBuffers Buffers { get; }

    public BulkConnections Connections { get; }

    public WeightFetcherOptions Options { get; }

    /// <summary>Ends when all pieces are here.</summary>
    /// <exception cref="SwarmException"><c>weights_unavailable</c>, <c>disk_full</c>, <c>cache_unusable</c></exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task RunAsync()
    {
        await Task.WhenAll(_sources.Select(source => new SourceRun(source, this).RunAsync()));
        await _intake.WhenEmptyAsync();
        if (_failure is not null)
        {
            ExceptionDispatchInfo.Throw(_failure);
        }

        _cancelled.ThrowIfCancellationRequested();
        var missing = Schedule.Pending;
        if (missing.Count > 0)
        {
            throw WeightErrors.Unavailable(
                Blobs[missing[0].Blob].Blob.Tensor,
                missing.Sum(piece => (long)Blobs[piece.Blob].LengthOf(piece.Piece)),
                _sources.Select(source => (source.Source.Peer, source.Reason)));
        }
    }

    /// <summary>Takes over a piece that has come: verifies and keeps it on another thread.</summary>
    public void Accept(FetchSource source, PendingPiece piece, byte[] buffer) => _intake.Add(Task.Run(() => Keep(source, piece, buffer)));

    /// <summary>Ends everything with this error.</summary>
    public void Fail(Exception exception)
    {
        Interlocked.CompareExchange(ref _failure, exception, null);
        _stop.Cancel();
    }

    public void Dispose()
    {
        foreach (var source in _sources)
        {
            source.Dispose();
        }

        Buffers.Dispose();
        _stop.Dispose();
    }

    private void Keep(FetchSource source, PendingPiece piece, byte[] buffer)
    {
        var blob = Blobs[piece.Blob];
        try
        {
            var bytes = buffer.AsSpan(0, blob.LengthOf(piece.Piece));
            if (!blob.Matches(piece.Piece, bytes))
            {
                // It must be out before the piece is back, or it would be asked for it again.
                Schedule.Leave(source.Number);
                source.Condemn(blob.Blob.Tensor, piece.Piece, Options.Logger);
                Schedule.Return(piece);
                return;
            }

            blob.Keep(piece.Piece, bytes);
            source.CountDelivered();
            _meter.Received(bytes.Length);
            Schedule.Done(piece);
            if (Schedule.Left == 0)
            {
                _stop.Cancel();
            }
        }
        catch (Exception exception)
        {
            Schedule.Return(piece);
            Fail(exception);
        }
        finally
        {
            Buffers.Return(buffer);
        }
    }
}
