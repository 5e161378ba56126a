using System.Diagnostics.CodeAnalysis;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Stages.Control;
using ManagedSwarm.Transport.Stages.Links;
using ManagedSwarm.Transport.Stages.Lives;
using ManagedSwarm.Transport.Stages.Moves;

namespace ManagedSwarm.Transport.Stages.Work;

/// <summary>
/// Gives a <see cref="PlanLife"/> the time, real streams and a stage. Safe for use by many threads: one is in the life at a time.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "What it owns is disposed at the end of its run.")]
internal sealed partial class HostedStage : IPlanOutput
{
    private readonly StageNode _node;
    private readonly IStageLoader _loader;
    private readonly StageOffer _offer;
    private readonly ControlLink _control;
    private readonly Action<long> _changed;
    private readonly Lock _gate = new();
    private readonly PlanLife _life;
    private readonly long _start;
    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource<StageFault> _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _freed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _loading = Task.CompletedTask;
    private Task _linking = Task.CompletedTask;
    private ExpectedLink? _expected;
    private LoadedStage? _loaded;
    private IDisposable? _weights;
    private StageNeed _need;
    private LayerRange _layers;
    private int _place;
    private StageRunner? _runner;
    private CacheGiver? _giver;
    private CancellationTokenSource _taking = new();
    private bool _hasChanged;

    /// <param name="node">This node.</param>
    /// <param name="loader">Makes the stage.</param>
    /// <param name="offer">That is accepted.</param>
    /// <param name="need">What it takes.</param>
    /// <param name="control">The stream with the head; is this one's from now on.</param>
    /// <param name="changed">Is told of another state, and what the stage takes then; must not wait.</param>
    public HostedStage(StageNode node, IStageLoader loader, StageOffer offer, StageNeed need, ControlLink control, Action<long> changed)
    {
        (_node, _loader, _offer, _need, _layers, _control, _changed) = (node, loader, offer, need, offer.Layers, control, changed);
        _start = node.Options.Time.GetTimestamp();
        _life = new PlanLife(node.Options, this, TimeSpan.Zero, offer.IsStandby);
    }

    public string ModelName => _offer.ModelName;

    /// <summary>Ends when nothing of the stage is left.</summary>
    public Task Freed => _freed.Task;

    public HeldStage Snapshot
    {
        get
        {
            lock (_gate)
            {
                return new HeldStage(
                    _offer.Plan,
                    _offer.ModelName,
                    _offer.ModelHash,
                    _layers,
                    _need.MemoryBytes,
                    _control.RemotePeer,
                    _life.State,
                    _life.Progress,
                    _offer.IsStandby);
            }
        }
    }

    /// <summary>The stage's whole life.</summary>
    /// <param name="freed">Is called when nothing of it is left, before the last words to the head have gone.</param>
    public async Task RunAsync(Action freed)
    {
        StageFault reason;
        await using (CreateTimer())
        {
            Do((life, _) => life.Begin());
            _control.Start(Hear, Lose);
            reason = await _over.Task;
        }

        await SayLastAsync();
        await FreeAsync();
        TransportLog.StageEnded(_node.Options.Logger, _offer.ModelName, _layers, reason.Code, reason.Text);
        freed();
        _freed.SetResult();
        await _control.CloseAsync();
    }

    /// <summary>Ends it from this side.</summary>
    public void End(StageFault reason) => Do((life, now) => life.EndWith(reason, now));

    /// <summary>Asks the head to place the layers elsewhere.</summary>
    public void Leave() => Do((life, now) => life.Leave(now));

    void IPlanOutput.Send(ControlMessage message) => _control.Post(message);

    void IPlanOutput.Load() => _loading = Task.Run(LoadAsync);

    void IPlanOutput.Prepare(StageLinks links)
    {
        // What comes from others in the epoch before is of no use any more.
        _taking.Cancel();
        _taking = new();
        _linking = PrepareAsync(links, _linking, _taking.Token);
    }

    void IPlanOutput.Give(int epoch, IReadOnlyList<PeerId> takers) => _linking = GiveAsync(epoch, takers, _linking);

    void IPlanOutput.OpenNext(StageLinks links) => _linking = OpenNextAsync(links, _linking);

    void IPlanOutput.CancelStep(long step) => _runner?.Cancel(step);

    void IPlanOutput.Free(StageFault reason) => _over.TrySetResult(reason);

    void IPlanOutput.Changed() => _hasChanged = true;

    private ITimer CreateTimer()
    {
        var interval = Pulse.TickInterval(_node.Options);
        return _node.Options.Time.CreateTimer(_ => Do(Tick), null, interval, interval);
    }

    private void Do(Action<PlanLife, TimeSpan> tell)
    {
        bool hasChanged;
        long memory;
        lock (_gate)
        {
            tell(_life, _node.Options.Time.GetElapsedTime(_start));
            (hasChanged, memory) = (_hasChanged, _need.MemoryBytes);
            _hasChanged = false;
        }

        if (hasChanged)
        {
            _changed(memory);
        }
    }

    private void Tick(PlanLife life, TimeSpan now)
    {
        life.Done = _runner?.Done ?? -1;
        life.Tick(now);
    }

    private void Hear(ControlMessage message)
    {
        Do((life, now) => life.Heard(message, now));
        if (message is ControlMessage.Unload)
        {
            _answered.TrySetResult();
        }
    }

    private void Lose(StageFault reason)
    {
        Do((life, _) => life.ControlLost(reason));
        _answered.TrySetResult();
    }

    /// <summary>A head that is told why the stage ends answers that it is over; it is not to find streams reset before.</summary>
    private async Task SayLastAsync()
    {
        bool hasSaid;
        lock (_gate)
        {
            hasSaid = _life.HasSaidLast;
        }

        if (!hasSaid)
        {
            return;
        }

        try
        {
            await _answered.Task.WaitAsync(_node.Options.Close, _node.Options.Time);
        }
        catch (TimeoutException)
        {
            // It does not listen.
        }
    }

    private StageFault? Attach(int epoch, StageLink link)
    {
        lock (_gate)
        {
            if (_life.TryAttach(epoch) is { } refusal)
            {
                return refusal;
            }

            _runner!.UsePrevious(link);
            return null;
        }
    }

    private async Task LoadAsync()
    {
        try
        {
            var ready = await (_offer.IsStandby ? FetchAsync() : MakeAsync());
            Do((life, now) => life.Loaded(ready, now));
        }
        catch (Exception exception)
        {
            var reason = StageFault.Of(exception);
            Do((life, now) => life.LoadFailed(reason, now));
        }
    }

    private async Task<ControlMessage.Ready> MakeAsync()
    {
        var loaded = await _loader.LoadAsync(_offer, new Reporter(this), _end.Token);
        _loaded = loaded;
        _runner = new StageRunner(
            loaded.Stage,
            _offer,
            _node.Options,
            _node.Metrics,
            _node.NoteStep,
            (epoch, stage, reason) => Do((life, now) => life.StreamLost(epoch, stage, reason, now)));
        return new ControlMessage.Ready(loaded.Numerics, _need.MemoryBytes, loaded.PerLayer, loaded.Stage is IMovableStage);
    }

    private async Task<ControlMessage.Ready> FetchAsync()
    {
        _weights = await _loader.FetchAsync(_offer, new Reporter(this), _end.Token);
        return ControlMessage.Ready.Standby;
    }

    private async Task FreeAsync()
    {
        await _end.CancelAsync();
        await _taking.CancelAsync();
        await Task.WhenAll(_loading, _linking);
        Forget();
        await EndGivingAsync();
        if (_runner is not null)
        {
            await _runner.DisposeAsync();
        }

        if (_loaded is not null)
        {
            await _loaded.DisposeAsync();
        }

        _weights?.Dispose();

        _end.Dispose();
    }

    private sealed class Reporter(HostedStage stage) : IProgress<StageProgress>
    {
        public void Report(StageProgress value) => stage.Do((life, now) => life.Reported(value, now));
    }
}
