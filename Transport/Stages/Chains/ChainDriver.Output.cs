using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Stages.Control;
using ManagedSwarm.Transport.Stages.Links;
using ManagedSwarm.Transport.Stages.Lives;

namespace ManagedSwarm.Transport.Stages.Chains;

/// <content>What the life wants done. Called under the lock: whatever waits is a task of its own.</content>
internal sealed partial class ChainDriver : IChainOutput
{
    // Who takes a place may refuse; others may be found soon.
    private static readonly TimeSpan SeekInterval = TimeSpan.FromSeconds(1);

    void IChainOutput.Send(ChainStage stage, ControlMessage message) => ((WorkerStage)stage).Post(message);

    void IChainOutput.Unlink()
    {
        EndLinks();
        if (_life.Answered >= 0 && _life.Stages.Any(stage => stage.IsToBeTold) && _steps.GiveUpForgotten())
        {
            _steps.Fail(_life.DropSteps(), ForgottenSequences.Failure);
        }

        var last = (WorkerStage)_life.Stages[^1];
        var epoch = _life.Epoch;
        _return = new ExpectedLink(
            new Attachment(_plan.Id, epoch, _life.Stages.Count), last.Assignment.Worker.Id, link => AttachReturn(epoch, link));
        _node.Expect(_return);
    }

    void IChainOutput.Prepare(ChainStage stage)
    {
        var own = _node.Peer;
        var stages = StagesOf(_life);
        var isLast = stage.Index == stages.Length - 1;
        var links = new StageLinks(
            _life.Epoch,
            stage.Index,
            stages.Length,
            stage.Index == 0 ? own.PeerId : stages[stage.Index - 1].Assignment.Worker.Id,
            isLast ? new StagePeer(own.PeerId, [.. own.ListenAddresses.Take(OfferRules.MaxAddresses)]) : stages[stage.Index + 1].Assignment.Worker,
            stage.IsToBeTold,
            !isLast && stages[stage.Index + 1].IsToBeTold,
            _life.Answered)
        {
            Kept = stage.Layers,
            Takes =
            [
                .. stage.Takes.Select(
                    take => new StageTake(((WorkerStage)take.Giver).Assignment.Worker, _life.Epoch - 1, take.Index, take.Layers)),
            ],
        };
        ((WorkerStage)stage).Post(new ControlMessage.Prepare(links));
    }

    void IChainOutput.Give(ChainStage stage, IReadOnlyList<ChainStage> takers) => ((WorkerStage)stage).Post(
        new ControlMessage.Give(_life.Epoch, [.. takers.Select(taker => ((WorkerStage)taker).Assignment.Worker.Id).Distinct()]));

    void IChainOutput.OpenFirst()
    {
        var (epoch, first) = (_life.Epoch, (WorkerStage)_life.Stages[0]);
        var isFresh = first.IsToBeTold;
        _tasks.Add(Task.Run(() => OpenFirstAsync(epoch, first, isFresh)));
    }

    void IChainOutput.Probe(ChainStage stage) => _tasks.Add(Task.Run(() => ProbeAsync((WorkerStage)stage)));

    void IChainOutput.Gone(ChainStage stage) => _tasks.Add(Task.Run(((WorkerStage)stage).CloseAsync));

    void IChainOutput.Seek(ChainStage stage, StageFault reason)
    {
        TransportLog.StageLost(_node.Options.Logger, _plan.ModelName, stage.ToString(), reason.Code, reason.Text);
        _node.NoteStandstill();
        _tasks.Add(Task.Run(() => SeekAsync((WorkerStage)stage, reason)));
    }

    void IChainOutput.Leaving(ChainStage stage) => _tasks.Add(Task.Run(() => LeaveAsync((WorkerStage)stage)));

    void IChainOutput.HandedOver() => EndHandOver(null);

    void IChainOutput.HandOverFailed(StageFault reason) => EndHandOver(reason.ToException());

    void IChainOutput.Changed(ChainStage stage) =>
        _changes.Add(new ChainProgress(stage.Index, stage.Node, stage.Layers, stage.State, stage.Progress));

    void IChainOutput.Started()
    {
        _resumes = true;
        _started.TrySetResult();
    }

    void IChainOutput.Over(SwarmException reason, IReadOnlyList<InFlightStep> steps)
    {
        _steps.Fail(steps, reason);
        if (reason.Code != "chain_closed")
        {
            TransportLog.ChainOver(_node.Options.Logger, _plan.ModelName, reason.Code, reason.Message);
        }

        _started.TrySetException(reason);
        EndHandOver(reason);

        // Nobody may wait for it.
        _ = _started.Task.Exception;
        _over.TrySetResult();
    }

    private void EndHandOver(Exception? failure)
    {
        if (failure is null)
        {
            _handOver?.TrySetResult();
        }
        else
        {
            _handOver?.TrySetException(failure);
            _ = _handOver?.Task.Exception;
        }

        _handOver = null;
    }

    /// <summary>What belongs to the epoch before is over. Under the lock.</summary>
    private void EndLinks()
    {
        if (_return is not null)
        {
            _node.Forget(_return);
            _return = null;
        }

        foreach (var link in (StageLink?[])[_first?.Link, _last])
        {
            if (link is not null)
            {
                link.Abort();
                _tasks.Add(Task.Run(async () => await link.DisposeAsync()));
            }
        }

        (_first, _last) = (null, null);
    }

    private async Task OpenFirstAsync(int epoch, WorkerStage first, bool isFresh)
    {
        try
        {
            var link = await _node.Dialer.AttachAsync(first.Assignment.Worker, new Attachment(_plan.Id, epoch, 0), _stop.Token);
            if (!TryUse(new FirstLink(epoch, link, _plan.Wire, isFresh)))
            {
                link.Abort();
                await link.DisposeAsync();
                return;
            }

            await WatchAsync(link);
        }
        catch (Exception exception)
        {
            var reason = StageFault.Of(exception);
            Do((life, now) => life.StreamLost(epoch, isFirst: true, reason, now));
        }
    }

    private bool TryUse(FirstLink link) => Ask(life =>
    {
        if (life.Epoch != link.Epoch || life.State != ChainState.Linking)
        {
            return false;
        }

        _first = link;
        life.FirstOpened(link.Epoch, Now);
        return true;
    });

    /// <summary>Nothing comes back on the stream to the first stage: what ends is the stream.</summary>
    private async Task WatchAsync(StageLink link)
    {
        var frame = await link.Reader.ReadAsync(Attachment.Limits, _stop.Token);
        throw frame.IsEmpty
            ? new SwarmException("stream_closed", "the stream of steps was closed")
            : new SwarmException("protocol_violation", "it said something on the stream of steps to it");
    }

    private StageFault? AttachReturn(int epoch, StageLink link)
    {
        // Under the same lock as the life: a chain that is over takes no link any more.
        return Ask(life =>
        {
            var refusal = life.TryAttach(epoch, Now);
            if (refusal is null)
            {
                _last = link;
                _tasks.Add(Task.Run(() => ReceiveAsync(epoch, link)));
            }

            return refusal;
        });
    }

    private async Task ReceiveAsync(int epoch, StageLink link)
    {
        try
        {
            await _steps.ReceiveAsync(link, epoch, _stop.Token);
        }
        catch (Exception exception)
        {
            var reason = StageFault.Of(exception);
            Do((life, now) => life.StreamLost(epoch, isFirst: false, reason, now));
        }
    }

    private async Task ProbeAsync(WorkerStage stage)
    {
        var lives = await _node.Dialer.LivesAsync(stage.Assignment.Worker.Id, _stop.Token);
        Do((life, now) => life.Probed(stage, lives, now));
    }

    /// <summary>Until somebody has taken the layers, or nobody wants that any more.</summary>
    private async Task SeekAsync(WorkerStage lost, StageFault reason)
    {
        try
        {
            if (lost.Ready is null)
            {
                // It was to take a lost stage's layers itself.
                await Task.Delay(SeekInterval, _node.Options.Time, _stop.Token);
            }

            StageAssignment[] others = [.. Stages.Where(stage => !stage.IsLost).Select(stage => stage.Assignment)];
            var inDoubt = Stages.Where(stage => stage != lost && (stage.IsLost || stage.Suspicion is not null)).Select(stage => stage.Assignment);
            var gap = new StageGap(lost.Layers, lost.Assignment, others, reason.Text) { InDoubt = [.. inDoubt] };
            var found = await _places!.FindAsync(gap, why => Do((life, _) => life.NobodyFor(new("nobody_for_layers", why))), _stop.Token);
            WorkerStage[] stages = [.. found.Select(place => new WorkerStage(place, _node.Options, Now))];
            if (Ask(life => life.Fill(lost, stages, Now)))
            {
                await Task.WhenAll(stages.Select(StartFreshAsync));
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The chain is over.
        }
        catch (Exception exception)
        {
            var failure = StageFault.Of(exception);
            Do((life, now) => life.Fail(failure));
        }
    }

    /// <summary>A worker that cannot take a place is lost like any other, but not asked again at once.</summary>
    private async Task StartFreshAsync(WorkerStage stage)
    {
        try
        {
            await StartAsync(stage, _stop.Token);
        }
        catch (Exception exception) when (exception is SwarmException or OperationCanceledException)
        {
            var reason = StageFault.Of(exception);
            Do((life, now) => life.ControlLost(stage, reason, now));
        }
    }
}
