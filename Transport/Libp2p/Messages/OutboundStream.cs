using ManagedSwarm.Transport.Libp2p.Sessions;

namespace ManagedSwarm.Transport.Libp2p.Messages;

/// <summary>
/// A stream by which only this side says something. It is read nevertheless: that is how one hears that the other side has reset it.
/// </summary>
internal sealed class OutboundStream
{
    private readonly IMuxStream _stream;
    private readonly CancellationTokenSource _broken;

    /// <param name="stream">Becomes this one's.</param>
    /// <param name="end">Ends all.</param>
    public OutboundStream(IMuxStream stream, CancellationToken end)
    {
        _stream = stream;
        _broken = CancellationTokenSource.CreateLinkedTokenSource(end);
        Broken = _broken.Token;
        Watching = WatchAsync();
    }

    /// <summary>Cancelled when the stream is of no more use.</summary>
    public CancellationToken Broken { get; }

    /// <summary>Why it broke; null: it did not.</summary>
    public SwarmException? Failure { get; private set; }

    /// <summary>Ends when the other side has closed its direction, or the stream is over; throws nothing.</summary>
    public Task Watching { get; }

    /// <exception cref="SwarmException"><c>stream_reset</c>; <c>peer_stalled</c>: the other side takes nothing.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, TimeSpan timeout, TimeProvider time)
    {
        using var limit = new TimeLimit(timeout, time, Broken);
        try
        {
            await _stream.WriteAsync(bytes, limit.Token);
        }
        catch (OperationCanceledException) when (limit.IsOver)
        {
            throw new SwarmException("peer_stalled", $"{_stream.RemotePeer} has taken nothing for {timeout.TotalSeconds} s.");
        }
    }

    /// <summary>Ends it in good order, if the other side does its part in time. Throws nothing.</summary>
    public async Task CloseAsync(TimeSpan timeout, TimeProvider time)
    {
        try
        {
            using var limit = new TimeLimit(timeout, time, Broken);
            await _stream.CloseWriteAsync(limit.Token);
            await Watching.WaitAsync(limit.Token);
        }
        catch (Exception exception) when (exception is SwarmException or OperationCanceledException)
        {
            // Then it ends in bad order.
        }

        await AbortAsync();
    }

    /// <summary>Ends it at once.</summary>
    public async ValueTask AbortAsync()
    {
        await _stream.DisposeAsync();
        await _broken.CancelAsync();
        await Watching;
        _broken.Dispose();
    }

    private async Task WatchAsync()
    {
        try
        {
            if (await _stream.ReadAsync(new byte[1], Broken) == 0)
            {
                return;
            }

            Failure = new SwarmException("invalid_message", $"{_stream.RemotePeer} says something on a stream that is not for that.");
        }
        catch (SwarmException exception)
        {
            Failure = exception;
        }
        catch (OperationCanceledException)
        {
            return;
        }

        await _broken.CancelAsync();
    }
}
