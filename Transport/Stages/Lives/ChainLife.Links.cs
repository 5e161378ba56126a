using ManagedSwarm.Transport.Stages.Control;

namespace ManagedSwarm.Transport.Stages.Lives;

/// <content>How the stages are linked: they take their places, then the streams are opened, from each to the next.</content>
internal sealed partial class ChainLife
{
    /// <summary>The stream to the first stage is open.</summary>
    public void FirstOpened(int epoch, TimeSpan now)
    {
        if (State == ChainState.Linking && epoch == Epoch)
        {
            _isFirstOpen = true;
            StartIfLinked(now);
        }
    }

    /// <summary>The last stage wants to send results.</summary>
    /// <returns>Why it may not; null: it may.</returns>
    public StageFault? TryAttach(int epoch, TimeSpan now)
    {
        if (State != ChainState.Linking || epoch != Epoch)
        {
            return new("not_ready", $"the plan's head is {State} in epoch {Epoch}; the stream is of epoch {epoch}");
        }

        if (_isReturnOpen)
        {
            return new("stream_taken", "the plan's head has a stream of results already");
        }

        _isReturnOpen = true;
        StartIfLinked(now);
        return null;
    }

    /// <summary>Nobody is missing, nobody loads, and nobody is under suspicion: a new epoch begins.</summary>
    private void PrepareIfReady(TimeSpan now)
    {
        if (State != ChainState.Loading || _stages.Exists(stage => stage.IsLost || stage.Ready is null || stage.Suspicion is not null))
        {
            return;
        }

        FindToBeTold();
        (State, _linking, Waiting) = (ChainState.Preparing, now, null);
        (_isFirstOpen, _isReturnOpen) = (false, false);
        Epoch++;
        _output.Unlink();
        foreach (var stage in _stages)
        {
            (stage.State, stage.IsPrepared) = (StageState.Ready, false);
            stage.Pulse.Said(now);
            _output.Prepare(stage);
        }
    }

    /// <summary>A stage that cannot tell the next one all sequences is told them itself.</summary>
    private void FindToBeTold()
    {
        for (var i = _stages.Count - 1; i > 0; i--)
        {
            if (_stages[i].IsToBeTold && (_stages[i - 1].LacksLog || _stages[i - 1].Takes.Count > 0))
            {
                (_stages[i - 1].IsFresh, _stages[i - 1].Takes) = (true, []);
            }
        }

        foreach (var stage in _stages.Where(stage => stage.IsToBeTold))
        {
            stage.LacksLog = false;
        }
    }

    private void Prepared(ChainStage stage, ControlMessage.Prepared prepared, TimeSpan now)
    {
        if (State != ChainState.Preparing || prepared.Epoch != Epoch)
        {
            return;
        }

        (stage.IsPrepared, stage.Ready) = (true, stage.Ready! with { MemoryBytes = prepared.MemoryBytes });
        if (stage.Takes.Count > 0)
        {
            // It has all sequences, but not what came behind its layers.
            (stage.Takes, stage.IsFresh, stage.LacksLog) = ([], false, true);
        }

        if (!_stages.TrueForAll(other => other.IsPrepared))
        {
            return;
        }

        LetGoOfGivers();
        (State, _linking) = (ChainState.Linking, now);
        foreach (var other in _stages)
        {
            Send(other, new ControlMessage.Connect(Epoch), now);
        }

        _output.OpenFirst();
    }

    private void TickLinking(TimeSpan now)
    {
        if (State is not (ChainState.Giving or ChainState.Preparing or ChainState.Linking)
            || now - _linking < (IsMoving ? _options.Moving : _options.Linking))
        {
            return;
        }

        if (IsMoving)
        {
            StopMoving(now);
            return;
        }

        var missing = _stages.Find(stage => State == ChainState.Preparing ? !stage.IsPrepared : stage.State == StageState.Ready) ?? _stages[^1];
        Lose(missing, new("link_timeout", $"its streams are not open after {_options.Linking.TotalSeconds} s"), now);
    }

    private void Connected(ChainStage stage, int epoch, TimeSpan now)
    {
        if (State == ChainState.Linking && epoch == Epoch)
        {
            SetState(stage, StageState.Running);
            StartIfLinked(now);
        }
    }

    private void StartIfLinked(TimeSpan now)
    {
        if (State != ChainState.Linking || !_isFirstOpen || !_isReturnOpen || !_stages.TrueForAll(stage => stage.State == StageState.Running))
        {
            return;
        }

        (State, _hasRun) = (ChainState.Running, true);
        _output.Started();

        // Something may have come to an end in the meantime that can go on only now.
        SwitchIfReady(now);
    }
}
