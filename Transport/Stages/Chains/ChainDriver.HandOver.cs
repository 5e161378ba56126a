using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Stages.Lives;

namespace ManagedSwarm.Transport.Stages.Chains;

/// <content>Workers that are to leave: others take their layers between two steps, and they go on until then.</content>
internal sealed partial class ChainDriver
{
    // One hand-over at a time, and none while a loss is made good.
    private static readonly TimeSpan BusyInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>Others take all layers of a worker.</summary>
    /// <exception cref="SwarmException"><c>busy</c>: the model is bound to its workers; or why nobody could. All is as before then.</exception>
    public async Task ReplaceAsync(PeerId worker, CancellationToken cancellationToken)
    {
        if (_places is null)
        {
            throw new SwarmException("busy", "this model is bound to its workers");
        }

        foreach (var stage in Stages.Where(stage => stage.Assignment.Worker.Id == worker))
        {
            await ReplaceAsync(stage, cancellationToken);
        }
    }

    /// <summary>Stages are placed otherwise: those that are the same go on, others take the places of the rest.</summary>
    /// <returns>False: that cannot be now.</returns>
    /// <exception cref="SwarmException">Why those others could not. All is as before then.</exception>
    public async Task<bool> RearrangeAsync(IReadOnlyList<StageAssignment> places, CancellationToken cancellationToken)
    {
        var old = Stages;
        var same = Enumerable.Range(0, Math.Min(old.Count, places.Count)).TakeWhile(i => IsSame(old[i], places[i])).Count();
        var left = Math.Min(old.Count, places.Count) - same;
        var sameAtEnd = Enumerable.Range(1, left).TakeWhile(i => IsSame(old[^i], places[^i])).Count();
        WorkerStage[] leaving = [.. old.Skip(same).SkipLast(sameAtEnd)];
        if (leaving.Length == 0)
        {
            return true;
        }

        if (TryHandOver(leaving, [.. places.Skip(same).SkipLast(sameAtEnd)], keeps: true) is not { } handOver)
        {
            return false;
        }

        await Task.WhenAll(handOver.Coming.Select(StartFreshAsync));
        await handOver.Done.WaitAsync(cancellationToken);
        return true;
    }

    /// <summary>A worker whose new layers are among those that it has goes on with them.</summary>
    private static WorkerStage? KeeperOf(StageAssignment place, IEnumerable<WorkerStage> old) => old.FirstOrDefault(
        stage => stage.Assignment.Worker.Id == place.Worker.Id && stage.Ready is { IsMovable: true }
            && stage.Layers.First <= place.Layers.First && place.Layers.End <= stage.Layers.End);

    private static bool IsSame(WorkerStage stage, StageAssignment place) =>
        stage.Assignment.Worker.Id == place.Worker.Id && stage.Layers == place.Layers;

    private async Task ReplaceAsync(WorkerStage stage, CancellationToken cancellationToken)
    {
        StageAssignment[] others = [.. Stages.Where(other => other != stage).Select(other => other.Assignment)];
        var gap = new StageGap(stage.Layers, stage.Assignment, others, "its worker is to leave", IsLeaving: true);
        var places = await _places!.FindAsync(gap, _ => { }, cancellationToken);
        while (!stage.IsLost && !Over.IsCompleted)
        {
            if (TryHandOver([stage], places, keeps: false) is not { } handOver)
            {
                await Task.Delay(BusyInterval, _node.Options.Time, cancellationToken);
                continue;
            }

            await Task.WhenAll(handOver.Coming.Select(StartFreshAsync));
            await handOver.Done.WaitAsync(cancellationToken);
            return;
        }
    }

    /// <returns>Null: that cannot be now.</returns>
    private (WorkerStage[] Coming, Task Done)? TryHandOver(WorkerStage[] old, IReadOnlyList<StageAssignment> places, bool keeps)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var kept = new Dictionary<ChainStage, LayerRange>();
        var stages = new List<WorkerStage>();
        foreach (var place in places)
        {
            if (keeps && KeeperOf(place, old) is { } keeper && kept.TryAdd(keeper, place.Layers))
            {
                stages.Add(keeper);
            }
            else
            {
                stages.Add(new WorkerStage(place, _node.Options, Now));
            }
        }

        var isBegun = Ask(life =>
        {
            var begins = life.HandOver(old, stages, kept);
            _handOver = begins ? done : _handOver;
            return begins;
        });
        return isBegun ? ([.. stages.Except(old)], done.Task) : null;
    }

    private async Task LeaveAsync(WorkerStage stage)
    {
        try
        {
            await ReplaceAsync(stage, _stop.Token);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The chain is over.
        }
        catch (Exception exception)
        {
            // It will be lost, as any other, when it has waited long enough.
            var reason = StageFault.Of(exception);
            TransportLog.HandOverFailed(_node.Options.Logger, _plan.ModelName, stage.ToString(), reason.Code, reason.Text);
        }
    }
}
