using ManagedSwarm.Transport.Stages.Control;

namespace ManagedSwarm.Transport.Stages.Lives;

/// <summary>
/// The life of one stage on a worker, from the offer to the end of its control stream: messages in, messages out, no sockets, no clock of
/// its own. One thread at a time.
/// </summary>
/// <param name="options">How long things may take.</param>
/// <param name="output">Does what it says.</param>
/// <param name="now">When it begins.</param>
/// <param name="isStandby">Whether there is never a stage: only its weights are fetched.</param>
internal sealed class PlanLife(StageOptions options, IPlanOutput output, TimeSpan now, bool isStandby = false)
{
    private readonly Pulse _pulse = new(options, now);
    private TimeSpan? _reported;
    private StageLinks? _links;
    private bool _isPrepared;
    private bool _isConnecting;
    private bool _hasPrevious;

    // Its streams end by intent, at either end.
    private bool _isGiving;

    public StageState State { get; private set; } = StageState.Fetching;

    /// <summary>How far its load has come.</summary>
    public StageProgress Progress { get; private set; } = new(StageState.Fetching, 0, 0);

    public bool IsOver => State == StageState.Ended;

    /// <summary>Whether the head was told why it is over.</summary>
    public bool HasSaidLast { get; private set; }

    /// <summary>The last step that the stage has computed; for the head, which looks for the stage that is at fault.</summary>
    public long Done { get; set; } = -1;

    private bool IsLoading => State is StageState.Fetching or StageState.Loading;

    /// <summary>Begins to load.</summary>
    public void Begin() => output.Load();

    /// <summary>The load has come further.</summary>
    public void Reported(StageProgress progress, TimeSpan now)
    {
        if (!IsLoading)
        {
            return;
        }

        var isNews = progress.State != State || _reported is not { } last || now - last >= options.ProgressInterval;
        (Progress, State) = (progress, progress.State);
        if (isNews)
        {
            _reported = now;
            Send(new ControlMessage.Progress(progress), now);
            output.Changed();
        }
    }

    /// <summary>The stage could compute, or its weights are here if no more is wanted.</summary>
    public void Loaded(ControlMessage.Ready ready, TimeSpan now)
    {
        if (!IsLoading)
        {
            return;
        }

        State = StageState.Ready;
        Send(ready, now);
        output.Changed();
    }

    /// <summary>There will be no stage.</summary>
    public void LoadFailed(StageFault reason, TimeSpan now)
    {
        if (IsLoading)
        {
            EndWith(reason, now);
        }
    }

    /// <summary>The head says something.</summary>
    public void Heard(ControlMessage message, TimeSpan now)
    {
        if (IsOver)
        {
            return;
        }

        _pulse.Heard(now);
        switch (message)
        {
            case ControlMessage.Heartbeat:
                break;
            case ControlMessage.Prepare { Links: var links } when !isStandby && !IsLoading && links.Epoch > (_links?.Epoch ?? -1):
                Prepare(links);
                break;
            case ControlMessage.Give give when State is StageState.Running or StageState.Broken && IsCurrent(give.Epoch):
                (State, _isPrepared, _isGiving) = (StageState.Ready, false, true);
                output.Give(give.Epoch, give.Takers);
                break;
            case ControlMessage.Connect { Epoch: var epoch } when State == StageState.Ready && IsCurrent(epoch) && _isPrepared && !_isConnecting:
                _isConnecting = true;
                output.OpenNext(_links!);
                break;
            case ControlMessage.Connect when State == StageState.Broken:
                break;
            case ControlMessage.Cancel { Step: var step }:
                output.CancelStep(step);
                break;
            case ControlMessage.Unload:
                EndWith(new("unloaded", "the head has unloaded the model"), now);
                break;
            default:
                EndWith(new("protocol_violation", $"the head said '{message.GetType().Name}' to a {(isStandby ? "standby" : "stage")} that is {State}"), now);
                break;
        }
    }

    /// <summary>The stage before, or the head, wants to send its steps.</summary>
    /// <returns>Why it may not; null: it may.</returns>
    public StageFault? TryAttach(int epoch)
    {
        if (State is not (StageState.Ready or StageState.Running) || !_isPrepared || !IsCurrent(epoch))
        {
            return new("not_ready", $"stage {_links?.Stage} of the plan is {State} in epoch {_links?.Epoch}; the stream is of epoch {epoch}");
        }

        if (_hasPrevious)
        {
            return new("stream_taken", $"stage {_links!.Stage} of the plan has a stream of steps already");
        }

        _hasPrevious = true;
        return null;
    }

    /// <summary>The stage has taken its new place.</summary>
    /// <param name="epoch">In which.</param>
    /// <param name="memoryBytes">What it takes there.</param>
    /// <param name="now">The time.</param>
    public void Prepared(int epoch, long memoryBytes, TimeSpan now)
    {
        if (State == StageState.Ready && IsCurrent(epoch))
        {
            _isPrepared = true;
            Send(new ControlMessage.Prepared(epoch, memoryBytes), now);
        }
    }

    /// <summary>The stage computes nothing any more, and those that may can read its keys and values.</summary>
    public void Given(int epoch, TimeSpan now)
    {
        if (State == StageState.Ready && IsCurrent(epoch))
        {
            Send(new ControlMessage.Giving(epoch), now);
        }
    }

    /// <summary>The stream to the next stage is open.</summary>
    public void NextOpened(int epoch, TimeSpan now)
    {
        if (State == StageState.Ready && IsCurrent(epoch))
        {
            State = StageState.Running;
            Send(new ControlMessage.Connected(epoch), now);
            output.Changed();
        }
    }

    /// <summary>A stream of steps is lost, or could not be opened. What the stage holds stays until the head says what becomes of it.</summary>
    /// <param name="epoch">Of the stream.</param>
    /// <param name="stage">At its other end; the number of stages: the head.</param>
    /// <param name="reason">Why.</param>
    /// <param name="now">The time.</param>
    public void StreamLost(int epoch, int stage, StageFault reason, TimeSpan now)
    {
        if (State is StageState.Ready or StageState.Running && IsCurrent(epoch) && !_isGiving)
        {
            State = StageState.Broken;
            Send(new ControlMessage.Lost(epoch, stage, reason.Code, reason.Text), now);
            output.Changed();
        }
    }

    /// <summary>The worker is about to leave: the head is to place the layers elsewhere.</summary>
    public void Leave(TimeSpan now)
    {
        if (isStandby)
        {
            // There is nothing to hand over.
            EndWith(new("worker_leaving", "the worker is about to leave"), now);
        }
        else if (!IsOver)
        {
            Send(new ControlMessage.Leaving(), now);
        }
    }

    public void Tick(TimeSpan now)
    {
        if (IsOver)
        {
            return;
        }

        var (isDue, silence) = _pulse.Tick(now);
        if (silence >= options.HeartbeatLimit)
        {
            End(new("head_lost", $"the head has said nothing for {options.HeartbeatLimit.TotalSeconds} s"));
        }
        else if (isDue)
        {
            Send(new ControlMessage.Heartbeat(Done), now);
        }
    }

    /// <summary>The head can hear nothing any more.</summary>
    public void ControlLost(StageFault reason) => End(reason);

    /// <summary>The worker wants the stage to end.</summary>
    public void EndWith(StageFault reason, TimeSpan now)
    {
        if (!IsOver)
        {
            HasSaidLast = true;
            Send(new ControlMessage.Ended(reason.Code, reason.Text), now);
            End(reason);
        }
    }

    private bool IsCurrent(int epoch) => _links?.Epoch == epoch;

    private void Prepare(StageLinks links)
    {
        (_links, State) = (links, StageState.Ready);
        (_isPrepared, _isConnecting, _hasPrevious, _isGiving) = (false, false, false, false);
        output.Prepare(links);
        output.Changed();
    }

    private void End(StageFault reason)
    {
        if (!IsOver)
        {
            State = StageState.Ended;
            output.Free(reason);
        }
    }

    private void Send(ControlMessage message, TimeSpan now)
    {
        _pulse.Said(now);
        output.Send(message);
    }
}
