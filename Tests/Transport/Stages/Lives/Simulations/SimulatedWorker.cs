using System.Buffers;
using ManagedSwarm.Tests.Transport.Frames;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Stages;
using ManagedSwarm.Transport.Stages.Control;
using ManagedSwarm.Transport.Stages.Lives;
using ManagedSwarm.Transport.Stages.Work;

namespace ManagedSwarm.Tests.Transport.Stages.Lives.Simulations;

/// <summary>A worker with one stage: the real life, log, order of steps and frames; computing takes time, but no thread.</summary>
internal sealed partial class SimulatedWorker : IPlanOutput, ISimulatedEnd, IDisposable
{
    private readonly Simulation _simulation;
    private readonly StageOffer _offer;
    private readonly StageMetrics _metrics = new(null);
    private readonly PlanLife _life;
    private readonly StageRunner _runner;
    private readonly StepFrameReader _reader = new(Simulation.HiddenSize, WireType.F32, FrameLimits.Default);
    private readonly Queue<StageStep> _queue = new();
    private readonly ArrayBufferWriter<byte> _output = new();
    private StageLinks? _links;
    private StagePass? _pass;
    private StepCanceller? _canceller;
    private SimulatedStream? _previous;
    private SimulatedStream? _next;
    private ISimulatedEnd? _nextEnd;
    private Action? _behindStep;
    private bool _isComputing;
    private bool _isFrozen;
    private bool _isToFail;

    public SimulatedWorker(Simulation simulation, ChainStage place, byte number)
    {
        (_simulation, Place, Id) = (simulation, place, SampleOffers.Peer(number));
        _offer = SampleOffers.Create() with
        {
            Layers = place.Layers,
            HiddenSize = Simulation.HiddenSize,
            Wire = WireType.F32,
            LoggedTokens = Simulation.LoggedTokens,
        };
        Stage = new HistoryStage(place.Layers);
        _runner = new StageRunner(Stage, _offer, Simulation.Options, _metrics, () => { }, (_, _, _) => { });
        _life = new PlanLife(Simulation.Options, this, simulation.Time.Now);
        Control = new SimulatedStream(
            simulation, reason => simulation.Head.Life.ControlLost(place, reason, Now), reason => Do(() => _life.ControlLost(reason)));
        _life.Begin();
        Tick();
    }

    public ChainStage Place { get; }

    public PeerId Id { get; }

    public SimulatedStream Control { get; }

    public HistoryStage Stage { get; }

    public PlanLife Life => _life;

    public int Freed { get; private set; }

    /// <summary>Whether nobody can expect anything of it any more.</summary>
    public bool IsGone { get; private set; }

    private TimeSpan Now => _simulation.Time.Now;

    public void Dispose()
    {
        _metrics.Dispose();
        _canceller?.Dispose();
    }

    public void Hear(ControlMessage message) => Do(() => _life.Heard(message, Now));

    public void Strike(Fault fault)
    {
        switch (fault)
        {
            case Fault.WorkerDies:
                IsGone = _isFrozen = true;
                Control.Break();
                _previous?.Break();
                _next?.Break();
                _moves.ForEach(move => move.Break());
                break;
            case Fault.WorkerFreezes:
                IsGone = _isFrozen = true;
                Control.Stick();
                _previous?.Stick();
                _next?.Stick();
                _moves.ForEach(move => move.Stick());
                break;
            case Fault.ControlBreaks:
                Control.Break();
                break;
            case Fault.LinkBreaks:
                (_moves.LastOrDefault() ?? _next ?? _previous)?.Break();
                break;
            case Fault.LinkSticks:
                (_moves.LastOrDefault() ?? _next ?? _previous)?.Stick();
                break;
            case Fault.WorkerUnloads:
                _life.EndWith(new StageFault("unloaded", "simulated"), Now);
                break;
            case Fault.WorkerLeaves:
                _life.Leave(Now);
                break;
            case Fault.StepFails:
                _isToFail = true;
                break;
        }
    }

    public StageFault? TryAttach(int epoch, SimulatedStream link)
    {
        if (_isFrozen)
        {
            return new("connect_timeout", "simulated");
        }

        if (_life.TryAttach(epoch) is { } refusal)
        {
            return refusal;
        }

        _previous = link;
        return null;
    }

    public void LosePrevious(int epoch, StageFault reason) => Do(
        () => _life.StreamLost(epoch, _links!.Stage == 0 ? _links.StageCount : _links.Stage - 1, reason, Now));

    public void Take(byte[] frame, int epoch) => Do(() =>
    {
        if (_links?.Epoch != epoch || _pass is null)
        {
            return;
        }

        var step = new StageStep();
        try
        {
            step.Read(_reader, FrameBytes.Body(frame));
            StagePass.Accept(step, _links, _canceller!);
        }
        catch (SwarmException exception)
        {
            LosePrevious(epoch, StageFault.Of(exception));
            return;
        }

        _queue.Enqueue(step);
        Compute();
    });

    void IPlanOutput.Send(ControlMessage message) => Control.Send(fromDialer: false, () => _simulation.Head.Hear(Place, message));

    void IPlanOutput.Load()
    {
        var isHopeless = _simulation.Happens(Fault.LoadFails);
        _simulation.Time.After(TimeSpan.FromMilliseconds(_simulation.Random.Next(400)), () => Do(() =>
        {
            _life.Reported(new StageProgress(StageState.Loading, 1, 2), Now);
            if (isHopeless)
            {
                _life.LoadFailed(new("disk_full", "simulated"), Now);
            }
            else
            {
                _life.Loaded(SampleOffers.Movable, Now);
            }
        }));
    }

    void IPlanOutput.Prepare(StageLinks links)
    {
        _pass = null;
        _queue.Clear();
        EndLinks();
        BehindStep(() =>
        {
            _given = _given?.Epoch == links.Epoch - 1 && !links.IsFresh ? _given : null;
            Assert.True(_runner.BeginAsync(links).IsCompletedSuccessfully);
            _canceller?.Dispose();
            (_links, _canceller) = (links, new StepCanceller(links.Epoch));
            _pass = new StagePass(
                _runner, links, _runner.CreateComputer(links, _canceller), new StepFrameWriter(new FrameWriter(_output, FrameLimits.Default), WireType.F32));
            Take(links, 0);
        });
    }

    void IPlanOutput.OpenNext(StageLinks links)
    {
        _given = null;
        if (Stage.Layers != _runner.Layers)
        {
            Stage.Keep(_runner.Layers);
        }

        _nextEnd = _simulation.EndOf(links.Next.Id);
        _next = _simulation.Open(
            links.Epoch,
            _nextEnd,
            () => Do(() => OpenedNext(links)),
            reason => Do(() => _life.StreamLost(links.Epoch, links.Stage + 1, reason, Now)));
    }

    void IPlanOutput.CancelStep(long step) => _canceller?.Cancel(step);

    void IPlanOutput.Free(StageFault reason)
    {
        Freed++;
        IsGone = true;
        _given = null;
        EndLinks();
        BehindStep(() => Assert.True(Stage.DisposeAsync().AsTask().IsCompletedSuccessfully));

        // Behind its last words.
        _simulation.Time.After(TimeSpan.FromMilliseconds(300), Control.Break);
    }

    void IPlanOutput.Changed()
    {
    }

    private void Do(Action action)
    {
        if (!_isFrozen)
        {
            action();
        }
    }

    private void Tick() => Do(() =>
    {
        if (!_life.IsOver)
        {
            _life.Done = _runner.Done;
            _life.Tick(Now);
            _simulation.Time.After(Pulse.TickInterval(Simulation.Options), Tick);
        }
    });

    private void EndLinks()
    {
        _previous?.Break();
        _next?.Break();
        (_previous, _next) = (null, null);
    }

    private void OpenedNext(StageLinks links)
    {
        if (_links != links || _pass is null)
        {
            return;
        }

        foreach (var _ in _pass.TellNext())
        {
            SendOn();
        }

        _life.NextOpened(links.Epoch, Now);
        Compute();
    }

    /// <summary>A step is not taken back once it is computed.</summary>
    private void BehindStep(Action action)
    {
        if (_isComputing)
        {
            _behindStep = action;
        }
        else
        {
            action();
        }
    }

    private void Compute()
    {
        if (_isComputing || _queue.Count == 0 || _next is null || _life.State != StageState.Running)
        {
            return;
        }

        _isComputing = true;
        var (step, pass) = (_queue.Dequeue(), _pass!);
        _simulation.Time.After(TimeSpan.FromMilliseconds(_simulation.Random.NextDouble() * 10), () => Do(() =>
        {
            Pass(step, pass);
            _isComputing = false;
            var behind = _behindStep;
            _behindStep = null;
            behind?.Invoke();
            Compute();
        }));
    }

    private void Pass(StageStep step, StagePass pass)
    {
        if (_isToFail && !step.IsReplay && step.Failure is null)
        {
            _isToFail = false;
            step.Failure = new StepFailure(_links!.Stage, "kv_cache_full", "simulated");
        }

        pass.Pass(step, CancellationToken.None);
        if (pass == _pass)
        {
            SendOn();
        }
        else
        {
            _output.ResetWrittenCount();
        }
    }

    private void SendOn()
    {
        if (_output.WrittenCount > 0)
        {
            var (frame, epoch, end) = (_output.WrittenSpan.ToArray(), _links!.Epoch, _nextEnd!);
            _output.ResetWrittenCount();
            _next?.Send(fromDialer: true, () => end.Take(frame, epoch));
        }
    }
}
