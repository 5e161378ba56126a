using ManagedSwarm.Transport.Stages.Control;

namespace ManagedSwarm.Transport.Stages.Lives;

/// <summary>
/// The life of a head's chain of stages, from the offers to its end, and the steps in flight: messages in, messages out, no sockets, no
/// clock of its own. One thread at a time. Where a stage is lost while steps go through, others take its layers: the chain is linked anew,
/// in another epoch, and the steps in flight are sent again.
/// </summary>
internal sealed partial class ChainLife
{
    private readonly StageOptions _options;
    private readonly IChainOutput _output;
    private readonly List<ChainStage> _stages;
    private readonly Queue<InFlightStep> _steps = new();
    private TimeSpan _linking;
    private TimeSpan _lost;
    private bool _isFirstOpen;
    private bool _isReturnOpen;
    private bool _hasRun;
    private long? _lastStep;

    /// <param name="epoch">The first of the plan.</param>
    /// <param name="stages">In order.</param>
    /// <param name="options">How long things may take.</param>
    /// <param name="output">Does what it says.</param>
    public ChainLife(int epoch, IEnumerable<ChainStage> stages, StageOptions options, IChainOutput output)
    {
        (Epoch, _options, _output, _stages) = (epoch - 1, options, output, [.. stages]);
        Number();
    }

    /// <summary>The epoch in which the stages are linked, or were the last time.</summary>
    public int Epoch { get; private set; }

    public IReadOnlyList<ChainStage> Stages => _stages;

    public ChainState State { get; private set; }

    /// <summary>Why it is over; null: it is not.</summary>
    public SwarmException? Failure { get; private set; }

    /// <summary>Why steps wait: some layers are nobody's; null: they are not.</summary>
    public StageFault? Waiting { get; private set; }

    /// <summary>The last step whose result has come; -1: none.</summary>
    public long Answered { get; private set; } = -1;

    public int InFlight => _steps.Count;

    private bool CanRecover => _hasRun && _options.Recovery > TimeSpan.Zero;

    private bool IsLinked => State is ChainState.Preparing or ChainState.Linking or ChainState.Running;

    /// <summary>A worker says something.</summary>
    public void Heard(ChainStage stage, ControlMessage message, TimeSpan now)
    {
        if (State == ChainState.Over || stage.IsLost)
        {
            return;
        }

        stage.Pulse.Heard(now);
        switch (message)
        {
            case ControlMessage.Heartbeat { Done: var done }:
                stage.Done = done;
                break;
            case ControlMessage.Progress { Load: var load } when stage.Ready is null:
                Advance(stage, load, now);
                break;
            case ControlMessage.Ready ready when stage.Ready is null:
                stage.Ready = ready;
                SetState(stage, StageState.Ready);
                SwitchIfReady(now);
                PrepareIfReady(now);
                break;
            case ControlMessage.Prepared prepared:
                Prepared(stage, prepared, now);
                break;
            case ControlMessage.Giving giving:
                Given(stage, giving.Epoch, now);
                break;
            case ControlMessage.Connected connected:
                Connected(stage, connected.Epoch, now);
                break;
            case ControlMessage.Lost lost:
                if (IsLinked && lost.Epoch == Epoch)
                {
                    Suspect(OtherEnd(stage, lost.Stage), new(lost.Code, lost.Text), now);
                }

                break;
            case ControlMessage.Leaving:
                Leave(stage);
                break;
            case ControlMessage.Ended ended:
                Ended(stage, new(ended.Code, ended.Text), now);
                break;
            default:
                Lose(stage, new("protocol_violation", $"it said '{message.GetType().Name}' while it is {stage.State}"), now);
                break;
        }
    }

    /// <summary>The control stream with a worker is lost, or could not be opened.</summary>
    public void ControlLost(ChainStage stage, StageFault reason, TimeSpan now) => Lose(stage, reason, now);

    /// <summary>The head's own stream with a stage, the first or the last, is lost or could not be opened.</summary>
    public void StreamLost(int epoch, bool isFirst, StageFault reason, TimeSpan now)
    {
        if (IsLinked && epoch == Epoch)
        {
            Suspect(isFirst ? _stages[0] : _stages[^1], reason, now);
        }
    }

    /// <summary>A worker was asked if it lives.</summary>
    public void Probed(ChainStage stage, bool lives, TimeSpan now)
    {
        if (State == ChainState.Over || stage.IsLost || stage.Suspicion is not { } suspicion)
        {
            return;
        }

        stage.Suspicion = null;
        if (!lives)
        {
            Lose(stage, suspicion, now);
            return;
        }

        stage.Pulse.Heard(now);
        PrepareIfReady(now);
    }

    public void Tick(TimeSpan now)
    {
        foreach (var stage in AllStages)
        {
            if (State != ChainState.Over && !stage.IsLost)
            {
                Tick(stage, now);
            }
        }

        TickLinking(now);
        if (State == ChainState.Loading && CanRecover && now - _lost >= _options.Recovery)
        {
            End(new SwarmException("stage_lost", $"{Missing()} after {_options.Recovery.TotalSeconds} s{Because(Waiting)}"));
        }

        if (State == ChainState.Running && _steps.TryPeek(out var oldest) && oldest.Epoch == Epoch && now - oldest.Since >= oldest.Limit)
        {
            StepTimedOut(oldest, now);
        }
    }

    /// <summary>The head wants no more.</summary>
    public void Close() => End(new SwarmException("chain_closed", "the model was unloaded"));

    private void Tick(ChainStage stage, TimeSpan now)
    {
        var isComputing = _hasRun && stage.Ready is not null;
        var (isDue, silence) = stage.Pulse.Tick(now);
        if (silence >= _options.HeartbeatLimit)
        {
            Lose(stage, Silence(silence), now);
        }
        else if (CanRecover && isComputing && silence >= _options.Suspicion && stage.Suspicion is null)
        {
            Probe(stage, Silence(silence));
        }
        else if (stage.Ready is null && now - stage.Advanced >= _options.LoadSilence)
        {
            Lose(stage, new("load_stalled", $"it has not said how far its load is for {_options.LoadSilence.TotalSeconds} s"), now);
        }
        else if (isDue)
        {
            Send(stage, new ControlMessage.Heartbeat(), now);
        }
    }

    private static StageFault Silence(TimeSpan silence) => new("silence", $"it has said nothing for {silence.TotalSeconds:0.0} s");

    private void Advance(ChainStage stage, StageProgress load, TimeSpan now)
    {
        (stage.Advanced, stage.Progress) = (now, load);
        SetState(stage, load.State);
    }

    private void SetState(ChainStage stage, StageState state)
    {
        stage.State = state;

        // Those that are to take places over load beside a chain that runs.
        if (_stages.Contains(stage))
        {
            _output.Changed(stage);
        }
    }

    /// <summary>A stage that has lost a stream lives: the one at its other end is the one to look at, unless that is the head.</summary>
    private ChainStage OtherEnd(ChainStage stage, int other) =>
        (other == stage.Index + 1 || other == stage.Index - 1) && other >= 0 && other < _stages.Count ? _stages[other] : stage;

    private void Ended(ChainStage stage, StageFault reason, TimeSpan now)
    {
        stage.State = StageState.Ended;
        if (_hasRun)
        {
            Lose(stage, reason, now);
            return;
        }

        // A refusal: its code says what to do.
        End(new SwarmException(reason.Code, $"{stage}: {reason.Text}"));
    }

    private void StepTimedOut(InFlightStep step, TimeSpan now)
    {
        var text = $"step {step.Step} has no result after {step.Limit.TotalSeconds} s";
        if (CanRecover)
        {
            Lose(_stages.Find(stage => stage.Done < step.Step) ?? _stages[^1], new("step_timeout", text), now);
            return;
        }

        End(new SwarmException("step_timeout", $"{text}; under way through {string.Join(", ", _stages)}"));
    }

    private void End(SwarmException reason)
    {
        if (State == ChainState.Over)
        {
            return;
        }

        (State, Failure) = (ChainState.Over, reason);
        var lost = _steps.ToArray();
        _steps.Clear();
        foreach (var stage in AllStages.Where(stage => !stage.IsLost))
        {
            _output.Send(stage, new ControlMessage.Unload());
        }

        _output.Over(reason, lost);
    }

    private void Send(ChainStage stage, ControlMessage message, TimeSpan now)
    {
        stage.Pulse.Said(now);
        _output.Send(stage, message);
    }

    private void Number()
    {
        for (var i = 0; i < _stages.Count; i++)
        {
            _stages[i].Index = i;
        }
    }
}
