using ManagedSwarm.Transport.Libp2p.Sessions;
using ManagedSwarm.Transport.Stages.Control;
using ManagedSwarm.Transport.Stages.Links;
using ManagedSwarm.Transport.Stages.Lives;

namespace ManagedSwarm.Transport.Stages.Chains;

/// <summary>
/// Gives a <see cref="ChainLife"/> the time and real streams. Safe for use by many threads: one is in the life at a time.
/// </summary>
internal sealed partial class ChainDriver : IAsyncDisposable
{
    // A worker may get more steps at once than there are stages now: some may come to the chain.
    private const int FurtherSteps = 5;

    private readonly StageNode _node;
    private readonly ChainPlan _plan;
    private readonly IStagePlaces? _places;
    private readonly IProgress<ChainProgress>? _progress;
    private readonly IChainSteps _steps;
    private readonly Lock _gate = new();
    private readonly ChainLife _life;
    private readonly long _start;
    private readonly RunningTasks _tasks = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<ChainProgress> _changes = [];
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private FirstLink? _first;
    private StageLink? _last;
    private ExpectedLink? _return;
    private ITimer? _timer;
    private TaskCompletionSource? _handOver;
    private bool _resumes;

    /// <param name="node">This node.</param>
    /// <param name="plan">Whose chain it is.</param>
    /// <param name="places">Who takes layers that are lost; null: the chain is over then.</param>
    /// <param name="progress">Told how far the stages are.</param>
    /// <param name="steps">What goes through.</param>
    public ChainDriver(StageNode node, ChainPlan plan, IStagePlaces? places, IProgress<ChainProgress>? progress, IChainSteps steps)
    {
        (_node, _plan, _places, _progress, _steps) = (node, plan, places, progress, steps);
        _start = node.Options.Time.GetTimestamp();
        var options = places is null ? node.Options with { Recovery = TimeSpan.Zero } : node.Options;
        _life = new ChainLife(plan.Epoch, plan.Stages.Select(stage => new WorkerStage(stage, node.Options, TimeSpan.Zero)), options, this);
    }

    /// <summary>Ends when the chain is over.</summary>
    public Task Over => _over.Task;

    /// <summary>Why; null: it is not.</summary>
    public SwarmException? Failure => Ask(life => life.Failure);

    public CancellationToken Stopping => _stop.Token;

    /// <summary>The stages as they are.</summary>
    public IReadOnlyList<WorkerStage> Stages => Ask(StagesOf);

    /// <summary>The last step whose result has come; -1: none.</summary>
    public long Answered
    {
        get
        {
            lock (_gate)
            {
                return _life.Answered;
            }
        }
    }

    /// <summary>Why steps wait, where some layers are nobody's; null: they are not.</summary>
    public StageFault? Waiting => Ask(life => life.Waiting);

    /// <summary>Makes the offers and waits until all stages are ready and linked.</summary>
    /// <exception cref="SwarmException">Why that is not to be; the driver is to be disposed then.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var interval = Pulse.TickInterval(_node.Options);
        _timer = _node.Options.Time.CreateTimer(_ => Do((life, now) => life.Tick(now)), null, interval, interval);
        await Task.WhenAll(Stages.Select(stage => StartAsync(stage, cancellationToken)));
        await _started.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Tells the life something, and then others what has become of it.</summary>
    public void Do(Action<ChainLife, TimeSpan> tell) => Ask(life =>
    {
        tell(life, Now);
        return true;
    });

    /// <summary>A step is to be sent.</summary>
    public void Begin(PendingStep step)
    {
        lock (_gate)
        {
            _steps.Require(step);
            _life.Begin(step);
        }
    }

    /// <summary>A step is not wanted any more.</summary>
    /// <returns>Whether it is dropped, and will not be answered.</returns>
    public bool Cancel(PendingStep step) => Ask(life =>
    {
        var isDropped = life.Cancel(step, Now);
        if (isDropped)
        {
            _steps.Forget(step);
        }

        return isDropped;
    });

    /// <summary>What is to be sent next: a step, or all sequences to a first stage that has none; and where to.</summary>
    /// <param name="patience">How long a step may take.</param>
    /// <returns>No link: nothing can be sent now.</returns>
    public (FirstLink? Link, PendingStep? Step) NextToSend(Func<InFlightStep, TimeSpan> patience)
    {
        lock (_gate)
        {
            if (_life.State != ChainState.Running || _first is not { } link || link.Epoch != _life.Epoch)
            {
                return default;
            }

            if (link.OwesReplay)
            {
                return (link, null);
            }

            var step = (PendingStep?)_life.NextToSend(patience, Now);
            return (step is null ? null : link, step);
        }
    }

    /// <summary>The head could not send.</summary>
    public void SendFailed(FirstLink link, Exception exception)
    {
        var reason = StageFault.Of(exception);
        Do((life, now) => life.StreamLost(link.Epoch, isFirst: true, reason, now));
    }

    /// <summary>A result has come.</summary>
    /// <returns>Its step; null: it is none that is expected.</returns>
    public PendingStep? Complete(long step, int epoch, int linkEpoch)
    {
        lock (_gate)
        {
            return (PendingStep?)_life.Complete(step, epoch, linkEpoch, Now);
        }
    }

    /// <summary>What became of a step is remembered.</summary>
    public void Settled()
    {
        lock (_gate)
        {
            if (!_life.IsDraining)
            {
                return;
            }
        }

        Do((life, now) => life.Settled(now));
    }

    public async ValueTask DisposeAsync()
    {
        Do((life, _) => life.Close());
        await (_timer?.DisposeAsync() ?? default);
        await _stop.CancelAsync();
        WorkerStage[] stages;
        lock (_gate)
        {
            EndLinks();
            stages = [.. _life.AllStages.Cast<WorkerStage>()];
        }

        await Task.WhenAll(stages.Select(stage => stage.CloseAsync()));
        await _tasks.WhenEmptyAsync();
        _stop.Dispose();
    }

    private TimeSpan Now => _node.Options.Time.GetElapsedTime(_start);

    private static WorkerStage[] StagesOf(ChainLife life) => [.. life.Stages.Cast<WorkerStage>()];

    private T Ask<T>(Func<ChainLife, T> question)
    {
        T answer;
        ChainProgress[] changes;
        bool resumes;
        lock (_gate)
        {
            answer = question(_life);
            changes = [.. _changes];
            _changes.Clear();
            (resumes, _resumes) = (_resumes, false);
        }

        foreach (var change in changes)
        {
            _progress?.Report(change);
        }

        if (resumes)
        {
            _steps.Resume();
        }

        return answer;
    }

    /// <summary>Makes a worker an offer.</summary>
    private async Task StartAsync(WorkerStage stage, CancellationToken cancellationToken)
    {
        ControlLink control;
        try
        {
            control = new ControlLink(await _node.Dialer.OpenControlAsync(stage.Assignment.Worker, cancellationToken), _node.Options);
        }
        catch (SwarmException exception)
        {
            throw new SwarmException(
                exception.Code, $"{stage.Node}, which is to have layers {stage.Layers}: {exception.Message}", exception);
        }

        // Before the stage has it: a heartbeat that is due meanwhile must not go first.
        control.Post(new ControlMessage.Offer(OfferOf(stage.Assignment)));
        if (!stage.TryStart(
            control,
            message => Do((life, now) => life.Heard(stage, message, now)),
            reason => Do((life, now) => life.ControlLost(stage, reason, now))))
        {
            await control.CloseAsync();
        }
    }

    private StageOffer OfferOf(StageAssignment stage) => new()
    {
        Plan = _plan.Id,
        ModelName = _plan.ModelName,
        ModelHash = _plan.ModelHash,
        Layers = stage.Layers,
        LayerCount = _plan.LayerCount,
        HiddenSize = _plan.HiddenSize,
        Manifest = stage.Manifest,
        KvCache = _plan.KvCache,
        Kernels = _plan.Kernels,
        Wire = _plan.Wire,
        TokensPerStep = _plan.TokensPerStep,
        QueuedSteps = Math.Min(OfferRules.MaxQueuedSteps, _plan.Stages.Count + FurtherSteps),
        LoggedTokens = _places is null ? 0 : _plan.LoggedTokens,
        Sources = stage.Sources,
    };
}
