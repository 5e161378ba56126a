using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Stages.Links;
using ManagedSwarm.Transport.Stages.Moves;

namespace ManagedSwarm.Transport.Stages.Work;

/// <content>How a stage comes to its place in an epoch, and what it gives others when that is over.</content>
internal sealed partial class HostedStage
{
    /// <summary>Ends the epoch, and lets others read.</summary>
    private async Task GiveAsync(int epoch, IReadOnlyList<PeerId> takers, Task before)
    {
        await Task.Yield();
        await before;
        try
        {
            Forget();
            await EndGivingAsync();
            await _runner!.EndRunAsync();
            if (_loaded!.Stage is not IMovableStage stage)
            {
                throw new SwarmException("protocol_violation", "the head wants keys and values to be given that cannot be moved");
            }

            _giver = new CacheGiver(stage, new Attachment(_offer.Plan, epoch, _place), takers, _node.Options);
            _node.Moves.Open(_giver);
            Do((life, now) => life.Given(epoch, now));
        }
        catch (Exception exception)
        {
            var reason = StageFault.Of(exception);
            Do((life, now) => life.EndWith(reason, now));
        }
    }

    /// <summary>Takes a new place, behind whatever was begun for the one before.</summary>
    private async Task PrepareAsync(StageLinks links, Task before, CancellationToken overtaken)
    {
        await Task.Yield();
        await before;
        try
        {
            OfferRules.RequireOwnEnds(links.Stage, links.StageCount, links.Previous, links.Next.Id, _control.RemotePeer);
            Forget();
            if (_giver?.Target.Epoch != links.Epoch - 1)
            {
                await EndGivingAsync();
            }

            await _runner!.PrepareAsync(links);
            if (links.Takes.Count > 0 && !await TryTakeAsync(links, overtaken))
            {
                return;
            }

            _place = links.Stage;
            _expected = new ExpectedLink(
                new Attachment(_offer.Plan, links.Epoch, links.Stage), links.Previous, link => Attach(links.Epoch, link));
            _node.Expect(_expected);
            Narrow(_runner.Layers);
            Do((life, now) => life.Prepared(links.Epoch, _need.MemoryBytes, now));
        }
        catch (Exception exception)
        {
            var reason = StageFault.Of(exception);
            Do((life, now) => life.EndWith(reason, now));
        }
    }

    /// <returns>False: it came to nothing, and the head was told so; it begins another epoch, in which all is told anew.</returns>
    private async Task<bool> TryTakeAsync(StageLinks links, CancellationToken cancellationToken)
    {
        try
        {
            var stage = _loaded!.Stage as IMovableStage
                ?? throw new SwarmException("not_movable", "this stage cannot take the keys and values of another one");
            await new CacheTaker(stage, _offer, _node.Dialer, _node.Options).TakeAsync(links.Takes, _runner!.Adopted, cancellationToken);
            return true;
        }
        catch (Exception exception)
        {
            var reason = StageFault.Of(exception);
            if (!cancellationToken.IsCancellationRequested)
            {
                TransportLog.NotTaken(_node.Options.Logger, _offer.ModelName, _layers, reason.Code, reason.Text);
            }

            Do((life, now) => life.StreamLost(links.Epoch, links.Stage, reason, now));
            return false;
        }
    }

    private async Task OpenNextAsync(StageLinks links, Task before)
    {
        await Task.Yield();
        await before;
        var next = links.Stage + 1;
        try
        {
            // All that others were to take they have by now.
            await EndGivingAsync();
            if (_loaded!.Stage is IMovableStage stage && stage.Layers != _layers)
            {
                stage.Keep(_layers);
            }

            var link = await _node.Dialer.AttachAsync(links.Next, new Attachment(_offer.Plan, links.Epoch, next), _end.Token);
            _runner!.UseNext(link);
            Do((life, now) => life.NextOpened(links.Epoch, now));
        }
        catch (Exception exception)
        {
            var reason = StageFault.Of(exception);
            Do((life, now) => life.StreamLost(links.Epoch, next, reason, now));
        }
    }

    private void Narrow(LayerRange layers)
    {
        if (layers != _layers)
        {
            var need = _need with { MemoryBytes = Math.Min(_need.MemoryBytes, StageHost.WithLog(_offer, _loader.MemoryFor(_offer, layers))) };
            lock (_gate)
            {
                (_layers, _need, _hasChanged) = (layers, need, true);
            }
        }
    }

    private async Task EndGivingAsync()
    {
        if (_giver is { } giver)
        {
            _giver = null;
            _node.Moves.Close(giver);
            await giver.DisposeAsync();
        }
    }

    private void Forget()
    {
        if (_expected is not null)
        {
            _node.Forget(_expected);
        }
    }
}
