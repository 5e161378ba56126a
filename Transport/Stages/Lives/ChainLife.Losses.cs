using ManagedSwarm.Transport.Stages.Control;

namespace ManagedSwarm.Transport.Stages.Lives;

/// <content>
/// What becomes of layers whose worker is lost: others take them. Those that are left keep their layers, weights, keys and values; those that
/// come new are fresh, and are told all sequences by the stage before.
/// </content>
internal sealed partial class ChainLife
{
    // A worker that lives, but whose streams break again and again, without a step that goes through.
    private const int MaxSuspicions = 3;

    /// <summary>Others take the layers of a stage that is lost.</summary>
    /// <param name="lost">Whose.</param>
    /// <param name="stages">Who takes them, in order; they load from now on.</param>
    /// <param name="now">The time.</param>
    /// <returns>False: it is too late, or the layers are somebody's already.</returns>
    public bool Fill(ChainStage lost, IReadOnlyList<ChainStage> stages, TimeSpan now)
    {
        var index = _stages.IndexOf(lost);
        if (State == ChainState.Over || index < 0 || !lost.IsLost)
        {
            return false;
        }

        Replace(index, 1, stages);
        PrepareIfReady(now);
        return true;
    }

    /// <summary>There never will be anybody who could take the layers of a stage that is lost.</summary>
    public void Fail(StageFault reason) => End(new SwarmException("stage_lost", $"{Missing()}{Because(reason)}"));

    /// <summary>There is nobody yet who could take the layers of a stage that is lost.</summary>
    public void NobodyFor(StageFault reason) => Waiting = reason;

    /// <summary>Until the chain has run once, a worker that leaves is lost like any other.</summary>
    private void Leave(ChainStage stage)
    {
        if (CanRecover && !stage.IsLeaving)
        {
            stage.IsLeaving = true;
            _output.Leaving(stage);
        }
    }

    /// <summary>A stage is under suspicion: nothing goes on until it is known whether its worker lives.</summary>
    private void Suspect(ChainStage stage, StageFault reason, TimeSpan now)
    {
        if (!CanRecover || ++stage.Suspicions > MaxSuspicions)
        {
            Lose(stage, reason, now);
            return;
        }

        Stop(now);
        if (stage.Suspicion is null)
        {
            Probe(stage, reason);
        }
    }

    private void Probe(ChainStage stage, StageFault reason)
    {
        stage.Suspicion = reason;
        _output.Probe(stage);
    }

    private void Lose(ChainStage stage, StageFault reason, TimeSpan now)
    {
        if (State == ChainState.Over || stage.IsLost)
        {
            return;
        }

        if (_handOver?.Coming.Contains(stage) == true)
        {
            GiveUpHandOver(reason, now);
            return;
        }

        if (_givers.Remove(stage))
        {
            LetGo(stage);
            StopMoving(now);
            return;
        }

        if (!CanRecover)
        {
            var step = _steps.TryPeek(out var oldest) ? $" in step {oldest.Step}" : "";
            End(new SwarmException("stage_lost", $"{stage} is lost{step}: {reason.Text} ({reason.Code})"));
            return;
        }

        Stop(now);
        DropTakes();
        Waiting = reason;
        LetGo(stage);
        if (_handOver is { } coming && coming.Old.Contains(stage))
        {
            // Those that take its layers over are the ones who fill its place, but for what it was to keep.
            coming.DropTakes();
            Switch(coming, isDrained: false);
        }

        if (_stages.Contains(stage))
        {
            _output.Seek(stage, reason);
        }

        PrepareIfReady(now);
    }

    /// <summary>No step goes through until the stages are linked anew.</summary>
    private void Stop(TimeSpan now)
    {
        if (State != ChainState.Loading)
        {
            _lost = State is ChainState.Running or ChainState.Giving ? now : _lost;
            State = ChainState.Loading;
            DropTakes();
        }
    }

    private void LetGo(ChainStage stage)
    {
        _output.Send(stage, new ControlMessage.Unload());
        (stage.IsLost, stage.Suspicion) = (true, null);
        SetState(stage, StageState.Ended);
        _output.Gone(stage);
    }

    private void Replace(int index, int count, IReadOnlyList<ChainStage> stages)
    {
        _stages.RemoveRange(index, count);
        _stages.InsertRange(index, stages);
        Number();
        foreach (var stage in stages)
        {
            _output.Changed(stage);
        }
    }

    private string Missing() => string.Join(
        ", ", _stages.Where(stage => stage.IsLost || stage.Ready is null).Select(stage => $"layers {stage.Layers}, last on {stage.Node}, are not back"));

    private static string Because(StageFault? reason) => reason is null ? "" : $": {reason.Text} ({reason.Code})";
}
