using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Sessions;
using ManagedSwarm.Transport.Stages.Control;
using ManagedSwarm.Transport.Stages.Links;
using ManagedSwarm.Transport.Stages.Lives;
using ManagedSwarm.Transport.Stages.Work;

namespace ManagedSwarm.Transport.Stages;

/// <content>What heads ask for, and what is refused.</content>
public sealed partial class StageHost
{
    private async Task AcceptAsync()
    {
        while (await _listener.AcceptAsync() is { } stream)
        {
            Take(stream);
        }
    }

    private void Take(IMuxStream stream)
    {
        if (Interlocked.Increment(ref _offers) <= _options.MaxOffers)
        {
            _tasks.Add(ServeAsync(new StageLink(stream)));
        }
        else
        {
            Interlocked.Decrement(ref _offers);
            _tasks.Add(stream.DisposeAsync().AsTask());
        }
    }

    private async Task ServeAsync(StageLink link)
    {
        HostedStage? stage = null;
        MemoryBudget.Share? share = null;
        try
        {
            if (await ReadOfferAsync(link) is { } offer)
            {
                (stage, share) = Accept(offer, link);
            }
            else
            {
                DrainAsked?.Invoke();
                await RefuseAsync(link, new SwarmException("draining", "this worker hands over its layers and leaves"));
            }
        }
        catch (Exception exception)
        {
            await RefuseAsync(link, exception);
        }
        finally
        {
            Interlocked.Decrement(ref _offers);
        }

        if (stage is not null)
        {
            RaiseChanged();
            await stage.RunAsync(() => Free(stage, share!));
        }
    }

    /// <returns>Null: it is to leave.</returns>
    private async Task<StageOffer?> ReadOfferAsync(StageLink link)
    {
        using var limit = new TimeLimit(_node.Options.Handshake, _node.Options.Time, _stop.Token);
        await link.GreetAsync(StageProtocols.Control, limit.Token);
        var message = await link.ReadAsync(
            ControlLimits.Offer, static (in frame) => ControlCodec.Read(frame, ControlLimits.Offer), limit.Token);
        return message switch
        {
            ControlMessage.Offer { Stage: var offer } => offer,
            ControlMessage.Drain when _options.OnlyHead is null => null,
            _ => throw new SwarmException("protocol_violation", $"the head said '{message.GetType().Name}' instead of making an offer"),
        };
    }

    private (HostedStage Stage, MemoryBudget.Share Share) Accept(StageOffer offer, StageLink link)
    {
        if (_options.OnlyHead is { } only && link.RemotePeer != only)
        {
            throw new SwarmException("not_served", "this node is no worker");
        }

        var need = _loader.Examine(offer);
        need = need with { MemoryBytes = offer.IsStandby ? 0 : WithLog(offer, need.MemoryBytes) };
        if (need.HiddenSize != offer.HiddenSize)
        {
            throw new SwarmException("invalid_offer", $"the offer has {offer.HiddenSize} floats per token; the model has {need.HiddenSize}");
        }

        lock (_gate)
        {
            if (_stop.IsCancellationRequested)
            {
                throw Stopping.ToException();
            }

            if (_isLeaving)
            {
                throw new SwarmException("worker_leaving", "this worker is about to leave, and takes no layers");
            }

            if (_stages.Count >= _options.MaxStages)
            {
                throw new SwarmException("too_many_stages", $"this worker holds {_stages.Count} stages; allowed are {_options.MaxStages}");
            }

            var share = _budget.Reserve(need.MemoryBytes, $"layers {offer.Layers} of '{offer.ModelName}' for {link.RemotePeer}");
            try
            {
                var stage = new HostedStage(_node, _loader, offer, need, new ControlLink(link, _node.Options), bytes => Change(share, bytes));
                _stages.Add(stage);
                TransportLog.StageAccepted(_node.Options.Logger, link.RemotePeer, offer.ModelName, offer.Layers, need.MemoryBytes);
                return (stage, share);
            }
            catch
            {
                _budget.Release(share);
                throw;
            }
        }
    }

    /// <summary>What a stage takes with what it remembers for the one behind it.</summary>
    internal static long WithLog(StageOffer offer, long bytes)
    {
        var logged = offer.LoggedTokens * HiddenStates.BytesPerToken(offer.Wire, offer.HiddenSize);
        return bytes > long.MaxValue - logged ? long.MaxValue : bytes + logged;
    }

    private async Task RefuseAsync(StageLink link, Exception exception)
    {
        var reason = StageFault.Of(exception);
        TransportLog.StageRefused(_node.Options.Logger, link.RemotePeer, reason.Code, reason.Text);
        try
        {
            using var limit = new TimeLimit(_node.Options.Close, _node.Options.Time, _stop.Token);
            ControlCodec.Write(link.Writer, new ControlMessage.Ended(reason.Code, reason.Text));
            await link.Writer.FlushAsync(limit.Token);
        }
        catch (Exception failure) when (failure is SwarmException or IOException or OperationCanceledException or InvalidOperationException)
        {
            // It has gone.
        }

        await _node.FinishAsync(link);
    }
}
