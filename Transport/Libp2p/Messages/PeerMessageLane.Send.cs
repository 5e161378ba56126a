using System.Buffers;
using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Libp2p.Sessions;

namespace ManagedSwarm.Transport.Libp2p.Messages;

/// <summary>What goes to the peer.</summary>
internal sealed partial class PeerMessageLane
{
    // Small messages share a write up to this size; a larger buffer is not kept.
    private const int MaxBatchBytes = 64 << 10;

    /// <summary>The connection that new streams take.</summary>
    private object? Link => (session as Session)?.Main;

    /// <summary>Opens a stream and sends, again and again, until the session or all is over.</summary>
    private async Task SendAsync(CancellationToken closing)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(closing, _end.Token);
        var delay = options.ReopenDelay;
        try
        {
            while (true)
            {
                var start = options.Time.GetTimestamp();
                var (isOver, code, reason) = await SendByOneStreamAsync(either.Token);
                if (isOver)
                {
                    return;
                }

                if (options.Time.GetElapsedTime(start) >= options.MaxReopenDelay)
                {
                    delay = options.ReopenDelay;
                }

                if (code is not null)
                {
                    var waiting = Task.Delay(delay, options.Time, either.Token);
                    TransportLog.MessageStreamBroken(options.Logger, Peer, options.ProtocolIds[0], code, reason, delay);
                    await waiting;
                    delay = delay * 2 < options.MaxReopenDelay ? delay * 2 : options.MaxReopenDelay;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The session or all is over.
        }
    }

    /// <returns>Whether no more is to be sent; otherwise why another stream is needed, without a code where nothing is wrong.</returns>
    private async Task<(bool IsOver, string? Code, string Reason)> SendByOneStreamAsync(CancellationToken opening)
    {
        try
        {
            var link = Link;
            if (await ChooseProtocolAsync(opening) is not { } protocolId)
            {
                return (false, "not_served", "it does not serve the protocol");
            }

            var outbound = new OutboundStream(await session.OpenStreamAsync(protocolId, opening), _end.Token);
            _running.Add(outbound.Watching);
            return await UseAsync(outbound, link) ? (true, null, "") : (false, null, "");
        }
        catch (SwarmException exception)
        {
            return (false, exception.Code, exception.Message);
        }
    }

    private async Task<string?> ChooseProtocolAsync(CancellationToken cancellationToken)
    {
        try
        {
            var served = (await session.IdentifyAsync(cancellationToken)).Protocols;
            return options.ProtocolIds.FirstOrDefault(id => served.Contains(id));
        }
        catch (SwarmException exception) when (exception.Code == "identify_failed" && !session.Closed.IsCompleted)
        {
            return options.ProtocolIds[0];
        }
    }

    /// <returns>Whether no more is to be sent; otherwise the session has another connection.</returns>
    /// <exception cref="SwarmException">The stream broke.</exception>
    private async Task<bool> UseAsync(OutboundStream outbound, object? link)
    {
        var isClosing = false;
        try
        {
            Tell(handler.Opened);
            _opened.TrySetResult();
            var isOver = await WriteAsync(outbound, link);
            isClosing = true;
            var ending = outbound.CloseAsync(options.CloseTimeout, options.Time);
            if (isOver)
            {
                await ending;
            }
            else
            {
                _running.Add(ending);
            }

            return isOver;
        }
        catch (OperationCanceledException) when (outbound.Failure is { } failure)
        {
            throw failure;
        }
        finally
        {
            if (!isClosing)
            {
                await outbound.AbortAsync();
            }
        }
    }

    private async Task<bool> WriteAsync(OutboundStream outbound, object? link)
    {
        var batch = new ArrayBufferWriter<byte>();
        while (await _queue.WaitAsync(outbound.Broken))
        {
            if (Link != link)
            {
                return false;
            }

            while (batch.WrittenCount < MaxBatchBytes && _queue.TryTake(out var message))
            {
                options.Framing.Write(batch, message.Span);
            }

            await outbound.WriteAsync(batch.WrittenMemory, options.WriteTimeout, options.Time);
            if (_queue.Count == 0)
            {
                Volatile.Write(ref _dropped, 0);
            }

            if (batch.Capacity > 2 * MaxBatchBytes)
            {
                batch = new ArrayBufferWriter<byte>();
            }

            batch.ResetWrittenCount();
        }

        return true;
    }
}
