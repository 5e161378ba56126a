using ManagedSwarm.Transport.Stages.Control;

namespace ManagedSwarm.Transport.Stages.Lives;

/// <content>
/// What becomes of layers whose worker is lost, or is to leave: others take them. Those that are left keep their layers, weights, keys and
/// values; those that come new are fresh, and are told all sequences by the stage before.
/// </content>
internal sealed partial class ChainLife
{
    // A worker that lives, but whose streams break again and again, without a step that goes through.
    private const int MaxSuspicions = 3;

    private (ChainStage[] Old, ChainStage[] New)? _handOver;

    /// <summary>The stages, and those that are to take some of their places.</summary>
    public IReadOnlyList<ChainStage> AllStages => _handOver is { } coming ? [.. _stages, .. coming.New] : [.. _stages];

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

    /// <summary>Stages hand their layers to others, which load while those go on, and take over between two steps.</summary>
    /// <param name="old">Stages that follow each other.</param>
    /// <param name="stages">Who takes their layers, in order; they load from now on.</param>
    /// <returns>False: that is not possible now.</returns>
    public bool HandOver(IReadOnlyList<ChainStage> old, IReadOnlyList<ChainStage> stages)
    {
        var first = _stages.IndexOf(old[0]);
        if (State != ChainState.Running || _handOver is not null || first < 0 || !_stages.Skip(first).Take(old.Count).SequenceEqual(old))
        {
            return false;
        }

        _handOver = ([.. old], [.. stages]);
        return true;
    }

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

        if (_handOver?.New.Contains(stage) == true)
        {
            GiveUpHandOver(reason);
            return;
        }

        if (!CanRecover)
        {
            var step = _steps.TryPeek(out var oldest) ? $" in step {oldest.Step}" : "";
            End(new SwarmException("stage_lost", $"{stage} is lost{step}: {reason.Text} ({reason.Code})"));
            return;
        }

        Stop(now);
        Waiting = reason;
        LetGo(stage);
        if (_handOver is { } coming && coming.Old.Contains(stage))
        {
            // Those that take its layers over are the ones who fill its place.
            Switch(coming.Old, coming.New);
        }
        else
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
            _lost = State == ChainState.Running ? now : _lost;
            State = ChainState.Loading;
        }
    }

    /// <summary>Between two steps, those that take layers over take the places of those that hand them over.</summary>
    private void SwitchIfReady(TimeSpan now)
    {
        if (State == ChainState.Running && _handOver is { } coming && coming.New.All(stage => stage.Ready is not null))
        {
            Stop(now);
            Switch(coming.Old, coming.New);
            PrepareIfReady(now);
        }
    }

    private void Switch(ChainStage[] old, ChainStage[] stages)
    {
        _handOver = null;
        foreach (var stage in old.Where(stage => !stage.IsLost))
        {
            LetGo(stage);
        }

        Replace(_stages.IndexOf(old[0]), old.Length, stages);
        _output.HandedOver();
    }

    private void GiveUpHandOver(StageFault reason)
    {
        var coming = _handOver!.Value.New;
        _handOver = null;
        foreach (var stage in coming)
        {
            LetGo(stage);
        }

        _output.HandOverFailed(reason);
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
