using ManagedSwarm.Transport.Diagnostics;

namespace ManagedSwarm.Transport.Weights;

/// <summary>Fetches pieces from one source until nothing is left to do for it.</summary>
internal sealed class SourceRun(FetchSource source, Transfer transfer)
{
    private PieceSchedule Schedule => transfer.Schedule;

    private WeightFetcherOptions Options => transfer.Options;

    /// <summary>Ends without an exception, whatever the source does.</summary>
    public async Task RunAsync()
    {
        try
        {
            await RunWithRetriesAsync();
        }
        catch (OperationCanceledException)
        {
            // Everything is here, or nothing is wanted any more: of this source or at all.
        }
        catch (Exception exception)
        {
            transfer.Fail(exception);
        }
        finally
        {
            Schedule.Leave(source.Number);
        }
    }

    private async Task RunWithRetriesAsync()
    {
        for (var failures = 0; !Schedule.IsOver(source.Number);)
        {
            var before = source.Delivered;
            try
            {
                await RunOnceAsync(source.Stop);
            }
            catch (SwarmException exception)
            {
                source.Reason = exception.Message;
                TransportLog.SourceFailed(Options.Logger, source.Source.Peer, exception.Code, exception.Message);
                failures = source.Delivered > before ? 1 : failures + 1;
                if (failures > Options.Retries || IsMalformed(exception))
                {
                    return;
                }

                await Task.Delay(Options.RetryDelay, Options.Time, source.Stop);
            }
        }
    }

    private async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var asked = new Queue<PendingPiece>(Options.PiecesPerSource);
        await using var stream = new PieceStream(
            await transfer.Connections.OpenAsync(source.Source, cancellationToken), Options.StallTimeout, Options.Time);
        try
        {
            while (true)
            {
                var changed = Schedule.Changed;
                await AskAsync(stream, asked, cancellationToken);
                if (asked.Count > 0)
                {
                    await ReceiveAsync(stream, asked, cancellationToken);
                }
                else if (Schedule.IsOver(source.Number))
                {
                    return;
                }
                else
                {
                    await changed.WaitAsync(cancellationToken);
                }
            }
        }
        finally
        {
            foreach (var piece in asked)
            {
                Schedule.Return(piece);
            }
        }
    }

    private async Task AskAsync(PieceStream stream, Queue<PendingPiece> asked, CancellationToken cancellationToken)
    {
        while (asked.Count < Options.PiecesPerSource && Schedule.TryTake(source.Number, out var piece))
        {
            asked.Enqueue(piece);
            await stream.AskAsync(new(transfer.Blobs[piece.Blob].Blob.Id, piece.Piece), cancellationToken);
        }
    }

    private async Task ReceiveAsync(PieceStream stream, Queue<PendingPiece> asked, CancellationToken cancellationToken)
    {
        var piece = asked.Peek();
        var buffer = await transfer.Buffers.RentAsync(cancellationToken);
        PieceRefusal? refusal;
        try
        {
            refusal = await stream.ReadAsync(buffer.AsMemory(0, transfer.Blobs[piece.Blob].LengthOf(piece.Piece)), cancellationToken);
        }
        catch
        {
            transfer.Buffers.Return(buffer);
            throw;
        }

        asked.Dequeue();
        if (refusal is null)
        {
            transfer.Accept(source, piece, buffer);
            return;
        }

        transfer.Buffers.Return(buffer);
        source.Reason = refusal.Text;
        Schedule.Refuse(source.Number, piece);
    }

    private static bool IsMalformed(SwarmException exception) => exception.Code is "invalid_frame" or "frame_too_large";
}
