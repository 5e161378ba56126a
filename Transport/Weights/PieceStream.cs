using System.Buffers.Binary;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Sessions;

namespace ManagedSwarm.Transport.Weights;

/// <summary>
/// The asker's end of a stream: asks for pieces and reads them in order, from the stream straight to where they belong. Not for several
/// threads at once.
/// </summary>
/// <param name="stream">Is this one's from now on.</param>
/// <param name="stall">How long nothing may come while a piece is awaited.</param>
/// <param name="time">The clock of that.</param>
internal sealed class PieceStream(IMuxStream stream, TimeSpan stall, TimeProvider time) : IAsyncDisposable
{
    private readonly byte[] _head = new byte[FramePrefix.Size + WeightProtocol.KindBytes + WeightProtocol.BinaryHeadBytes];

    /// <exception cref="SwarmException"><c>stream_reset</c>, <c>weights_timeout</c></exception>
    public async ValueTask AskAsync(PieceRequest request, CancellationToken cancellationToken)
    {
        using var limit = new TimeLimit(stall, time, cancellationToken);
        try
        {
            await stream.WriteAsync(request.ToBytes(), limit.Token);
        }
        catch (OperationCanceledException) when (limit.IsOver)
        {
            throw Stalled("a request was not taken");
        }
    }

    /// <summary>Reads the answer to the first request that has none yet.</summary>
    /// <param name="piece">All of it.</param>
    /// <param name="cancellationToken">Stops waiting; the stream is of no more use.</param>
    /// <returns>Null: the piece has come; nothing is known about what it holds.</returns>
    /// <exception cref="SwarmException">
    /// <c>invalid_frame</c>, <c>frame_too_large</c>, <c>truncated_frame</c>, <c>stream_closed</c>, <c>stream_reset</c>, <c>weights_timeout</c>
    /// </exception>
    public async ValueTask<PieceRefusal?> ReadAsync(Memory<byte> piece, CancellationToken cancellationToken)
    {
        for (var done = 0; done < piece.Length;)
        {
            using var limit = new TimeLimit(stall, time, cancellationToken);
            try
            {
                var (count, refusal) = await ReadFrameAsync(piece[done..], limit.Token);
                if (refusal is not null)
                {
                    return refusal;
                }

                done += count;
            }
            catch (OperationCanceledException) when (limit.IsOver)
            {
                throw Stalled("a piece did not come");
            }
        }

        return null;
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();

    private async ValueTask<(int Count, PieceRefusal? Refusal)> ReadFrameAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        await FillAsync(_head.AsMemory(0, FramePrefix.Size + WeightProtocol.KindBytes), cancellationToken);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(_head);
        switch (_head[FramePrefix.Size])
        {
            case WeightProtocol.DataKind:
                var head = _head.AsMemory(FramePrefix.Size + WeightProtocol.KindBytes);
                await FillAsync(head, cancellationToken);
                var count = WeightProtocol.ReadDataHead(head.Span, length, destination.Length);
                await FillAsync(destination[..count], cancellationToken);
                return (count, null);
            case WeightProtocol.RefusalKind:
                return (0, await ReadRefusalAsync(length, cancellationToken));
            case var kind:
                throw FrameErrors.Invalid($"found is one of kind {kind}; expected are data, {WeightProtocol.DataKind}, or a refusal");
        }
    }

    private async ValueTask<PieceRefusal> ReadRefusalAsync(uint length, CancellationToken cancellationToken)
    {
        if (length is <= WeightProtocol.KindBytes or > WeightProtocol.MaxRefusalBytes)
        {
            throw FrameErrors.TooLarge("a refusal", length, WeightProtocol.MaxRefusalBytes);
        }

        var values = new byte[length - WeightProtocol.KindBytes];
        await FillAsync(values, cancellationToken);
        return PieceRefusal.Read(new(values));
    }

    private async ValueTask FillAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        while (!destination.IsEmpty)
        {
            var count = await stream.ReadAsync(destination, cancellationToken);
            if (count == 0)
            {
                throw new SwarmException("stream_closed", $"{stream.RemotePeer} has closed the stream of weights before all pieces came");
            }

            destination = destination[count..];
        }
    }

    private SwarmException Stalled(string what) =>
        new("weights_timeout", $"{what} from {stream.RemotePeer}: nothing moved for {stall.TotalSeconds} s");
}
