using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Bench.Soak;

/// <summary>One end of a stream: sends and receives at the same time, as the plan has it.</summary>
/// <param name="stream">Belongs to this.</param>
/// <param name="record">Is told of errors.</param>
/// <param name="sending">This end's direction.</param>
/// <param name="receiving">The other one.</param>
/// <param name="random">This end's own.</param>
internal sealed class StreamEnd(IMuxStream stream, SoakStream record, Direction sending, Direction receiving, Random random)
{
    private const int LargestPiece = 40_000;
    private const int LongestStall = 30;

    /// <summary>Whether this end resets the stream in the middle of its direction.</summary>
    public required bool Resets { get; init; }

    /// <summary>Whether this end sends only when it has received all.</summary>
    public required bool WaitsForEnd { get; init; }

    /// <summary>Ends when both directions have; throws nothing.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var _ = stream;
        var received = ReceiveAsync(new Random(random.Next()), cancellationToken);
        await Task.WhenAll(NoteAsync(received), NoteAsync(SendAsync(WaitsForEnd ? received : Task.CompletedTask, cancellationToken)));
    }

    private async Task NoteAsync(Task half)
    {
        try
        {
            await half;
        }
        catch (Exception exception)
        {
            record.Fail(exception);
        }
    }

    private async Task SendAsync(Task before, CancellationToken cancellationToken)
    {
        await before;
        var end = Resets ? random.Next(sending.Length + 1) : sending.Length;
        var content = sending.CreateContent();
        var buffer = new byte[Math.Min(end, LargestPiece)];
        while (sending.Sent.Count < end)
        {
            var piece = buffer.AsMemory(0, Math.Min(1 + random.Next(buffer.Length), end - sending.Sent.Count));
            content.Next(piece.Span);
            sending.Sent.Add(piece.Span);
            await stream.WriteAsync(piece, cancellationToken);
        }

        if (Resets)
        {
            stream.Reset();
        }
        else
        {
            await stream.CloseWriteAsync(cancellationToken);
        }
    }

    private async Task ReceiveAsync(Random chance, CancellationToken cancellationToken)
    {
        var buffer = new byte[Math.Clamp(receiving.Length, 1, LargestPiece)];
        try
        {
            int count;
            while ((count = await ReadAsync(buffer.AsMemory(0, 1 + chance.Next(buffer.Length)), chance, cancellationToken)) > 0)
            {
                receiving.Received.Add(buffer.AsSpan(0, count));
                if (record.Plan.Stalls && chance.Next(10) == 0)
                {
                    await Task.Delay(1 + chance.Next(LongestStall), cancellationToken);
                }
            }

            receiving.IsEnded = true;
        }
        catch (SwarmException exception)
        {
            receiving.ReadError = exception;
            throw;
        }
    }

    private async ValueTask<int> ReadAsync(Memory<byte> buffer, Random chance, CancellationToken cancellationToken)
    {
        // The first read hears whether the protocol is taken; giving that up resets the stream.
        while (record.Plan.Cancels && receiving.Received.Count > 0)
        {
            using var impatience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var read = stream.ReadAsync(buffer, impatience.Token).AsTask();
            if (!read.IsCompleted && chance.Next(2) == 0)
            {
                await Task.Yield();
                await impatience.CancelAsync();
            }

            try
            {
                return await read;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // No byte may be lost by it.
            }
        }

        return await stream.ReadAsync(buffer, cancellationToken);
    }
}
