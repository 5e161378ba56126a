using System.Buffers;
using System.IO.Pipelines;
using ManagedSwarm.Gguf;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Sessions;
using ManagedSwarm.Transport.Streams;

namespace ManagedSwarm.Transport.Weights;

/// <summary>The sender's end of a stream: answers one request after the other, and reads the next one only then.</summary>
/// <param name="stream">Stays the caller's.</param>
/// <param name="blobs">What there is.</param>
/// <param name="options">How long it waits.</param>
/// <param name="sent">Told the bytes of each part of a piece that went.</param>
internal sealed class PieceSender(IMuxStream stream, ServedBlobs blobs, WeightServerOptions options, Action<int> sent)
{
    /// <summary>Bytes that come behind a malformed request and are passed over, so that the other side still gets the answer.</summary>
    private const int MaxIgnoredBytes = 64 << 10;

    /// <exception cref="SwarmException">The stream was reset, or a request malformed.</exception>
    /// <exception cref="OperationCanceledException">It was stopped, or the other side took too long.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var input = PipeReader.Create(stream.AsStream(), new StreamPipeReaderOptions(bufferSize: 4 << 10, leaveOpen: true));
        try
        {
            var reader = new FrameReader(input, WeightProtocol.RequestLimits);
            while (await ReadAsync(reader, cancellationToken) is { } request)
            {
                await AnswerAsync(request, cancellationToken);
            }

            using var limit = new TimeLimit(options.SendTimeout, options.Time, cancellationToken);
            await stream.CloseWriteAsync(limit.Token);
        }
        catch (SwarmException exception) when (exception.Code is "invalid_frame" or "frame_too_large" or "truncated_frame")
        {
            await RefuseAllAsync(new(exception.Code, exception.Message), cancellationToken);
            throw;
        }
        finally
        {
            await input.CompleteAsync();
        }
    }

    private async ValueTask<PieceRequest?> ReadAsync(FrameReader reader, CancellationToken cancellationToken)
    {
        using var limit = new TimeLimit(options.IdleTimeout, options.Time, cancellationToken);
        var frame = await reader.ReadAsync(limit.Token);
        if (frame.IsEmpty)
        {
            return null;
        }

        try
        {
            return PieceRequest.Read(frame);
        }
        finally
        {
            reader.Advance();
        }
    }

    private async Task AnswerAsync(PieceRequest request, CancellationToken cancellationToken)
    {
        if (!blobs.TryOpen(request.BlobId, out var blob))
        {
            await SendAsync(PieceRefusal.UnknownBlob(request).ToBytes(), cancellationToken);
            return;
        }

        using (blob)
        {
            var count = TensorPieces.CountOf(blob.Length);
            if (request.Piece < 0 || request.Piece >= count)
            {
                await SendAsync(PieceRefusal.OutOfRange(request, count).ToBytes(), cancellationToken);
                return;
            }

            await SendPieceAsync(blob, request.Piece, cancellationToken);
        }
    }

    private async Task SendPieceAsync(ServedBlob blob, int piece, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(WeightProtocol.DataHeadBytes + WeightProtocol.SentDataBytes);
        try
        {
            var offset = TensorPieces.OffsetOf(piece);
            for (var left = TensorPieces.LengthOf(piece, blob.Length); left > 0;)
            {
                var count = Math.Min(left, WeightProtocol.SentDataBytes);
                if (!TryRead(blob, offset, buffer.AsSpan(WeightProtocol.DataHeadBytes, count), out var refusal))
                {
                    await SendAsync(refusal, cancellationToken);
                    return;
                }

                WeightProtocol.WriteDataHead(buffer, count);

                // Before they go: whoever has got them finds them counted.
                sent(count);
                await SendAsync(buffer.AsMemory(0, WeightProtocol.DataHeadBytes + count), cancellationToken);
                (offset, left) = (offset + count, left - count);
                if (options.IsBusy())
                {
                    await Task.Delay(options.BusyPause, options.Time, cancellationToken);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static bool TryRead(ServedBlob blob, long offset, Span<byte> destination, out byte[] refusal)
    {
        refusal = [];
        try
        {
            blob.Read(offset, destination);
            return true;
        }
        catch (Exception exception) when (exception is IOException or GgufFormatException or ObjectDisposedException)
        {
            refusal = new PieceRefusal("unreadable_blob", exception.Message).ToBytes();
            return false;
        }
    }

    /// <summary>
    /// Says why nothing more is answered, and reads what the other side had sent already: a reset would be quicker than the answer.
    /// </summary>
    private async Task RefuseAllAsync(PieceRefusal refusal, CancellationToken cancellationToken)
    {
        using var limit = new TimeLimit(options.SendTimeout, options.Time, cancellationToken);
        await stream.WriteAsync(refusal.ToBytes(), limit.Token);
        await stream.CloseWriteAsync(limit.Token);
        var ignored = new byte[4 << 10];
        for (var (total, count) = (0, 1); count > 0 && total < MaxIgnoredBytes; total += count)
        {
            count = await stream.ReadAsync(ignored, limit.Token);
        }
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        using var limit = new TimeLimit(options.SendTimeout, options.Time, cancellationToken);
        await stream.WriteAsync(bytes, limit.Token);
    }
}
