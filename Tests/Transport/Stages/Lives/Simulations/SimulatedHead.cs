using System.Buffers;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Tests.Transport.Frames;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Stages;
using ManagedSwarm.Transport.Stages.Control;
using ManagedSwarm.Transport.Stages.Lives;
using ManagedSwarm.Transport.Stages.Logs;

namespace ManagedSwarm.Tests.Transport.Stages.Lives.Simulations;

/// <summary>A head that sends steps, and writes down what becomes of each; where a stage is lost, it finds others.</summary>
internal sealed class SimulatedHead : IChainOutput, ISimulatedEnd
{
    private const int MaxInFlight = 4;

    private readonly Simulation _simulation;
    private readonly ResultFrameReader _results = new(Simulation.HiddenSize, WireType.F32, FrameLimits.Default);
    private readonly BoundaryLog _log = new(Simulation.HiddenSize, WireType.F32, 16, Simulation.LoggedTokens);
    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly StepFrameWriter _writer;
    private readonly StepScript _script;
    private readonly ChainLife _life;
    private SimulatedStream? _first;
    private SimulatedStream? _last;
    private ISimulatedEnd? _firstEnd;
    private bool _owesReplay;
    private int _sent;

    public SimulatedHead(Simulation simulation, IEnumerable<ChainStage> stages)
    {
        _simulation = simulation;
        _writer = new StepFrameWriter(new FrameWriter(_output, FrameLimits.Default), WireType.F32);
        _script = new StepScript(simulation.Seed, Simulation.HiddenSize);
        _life = new ChainLife(Simulation.FirstEpoch, stages, Simulation.Options, this);
        Tick();
    }

    public static PeerId Id { get; } = SampleOffers.Peer(255);

    public ChainLife Life => _life;

    /// <summary>What became of the steps, in the order in which it was known: hidden states, or a code.</summary>
    public List<(long Step, string Code, float[] Hidden)> Outcomes { get; } = [];

    public int OverCount { get; private set; }

    public bool HasRun { get; private set; }

    /// <summary>How often somebody else was asked to take layers.</summary>
    public int Seeks { get; private set; }

    /// <summary>How often a stage was asked to give keys and values away.</summary>
    public int Moves { get; private set; }

    public bool IsDone => Outcomes.Count == Simulation.Steps;

    private TimeSpan Now => _simulation.Time.Now;

    public void Hear(ChainStage stage, ControlMessage message)
    {
        _life.Heard(stage, message, Now);
        Send();
    }

    public StageFault? TryAttach(int epoch, SimulatedStream link)
    {
        if (_life.TryAttach(epoch, Now) is { } refusal)
        {
            return refusal;
        }

        _last = link;
        _simulation.Time.After(TimeSpan.Zero, Send);
        return null;
    }

    public void LosePrevious(int epoch, StageFault reason) => _life.StreamLost(epoch, isFirst: false, reason, Now);

    public void Take(byte[] frame, int epoch)
    {
        _results.Read(FrameBytes.Body(frame));
        if (_life.Complete(_results.Step, _results.Epoch, epoch, Now) is SimulatedStep step)
        {
            _log.Apply(step.Batch, _results.Failure);
            if (_results.Failure is null)
            {
                _results.CopyTo(step.Batch);
            }

            Outcomes.Add((step.Step, _results.Failure?.Code ?? "result", step.Batch.Hidden.ToArray()));
            step.Batch.Dispose();
            _life.Settled(Now);
        }

        Send();
    }

    void IChainOutput.Send(ChainStage stage, ControlMessage message)
    {
        var worker = _simulation.WorkerOf(stage);
        worker.Control.Send(fromDialer: true, () => worker.Hear(message));
    }

    void IChainOutput.Unlink()
    {
        // Behind a step that failed, sequences are not what the next steps take them for.
        Assert.True(_log.IsComplete || Outcomes.Exists(outcome => outcome.Code != "result"));
        _first?.Break();
        _last?.Break();
        (_first, _last) = (null, null);
    }

    void IChainOutput.Prepare(ChainStage stage)
    {
        var stages = _life.Stages;
        var isLast = stage.Index == stages.Count - 1;
        ((IChainOutput)this).Send(stage, new ControlMessage.Prepare(new StageLinks(
            _life.Epoch,
            stage.Index,
            stages.Count,
            stage.Index == 0 ? Id : _simulation.WorkerOf(stages[stage.Index - 1]).Id,
            new StagePeer(isLast ? Id : _simulation.WorkerOf(stages[stage.Index + 1]).Id, []),
            stage.IsToBeTold,
            !isLast && stages[stage.Index + 1].IsToBeTold,
            _life.Answered)
        {
            Kept = stage.Layers,
            Takes = [.. stage.Takes.Select(take => new StageTake(new(_simulation.WorkerOf(take.Giver).Id, []), _life.Epoch - 1, take.Index, take.Layers))],
        }));
    }

    void IChainOutput.Give(ChainStage stage, IReadOnlyList<ChainStage> takers)
    {
        Moves++;
        ((IChainOutput)this).Send(stage, new ControlMessage.Give(_life.Epoch, [.. takers.Select(taker => _simulation.WorkerOf(taker).Id)]));
    }

    void IChainOutput.OpenFirst()
    {
        var (epoch, stage) = (_life.Epoch, _life.Stages[0]);
        _owesReplay = stage.IsToBeTold;
        _firstEnd = _simulation.WorkerOf(stage);
        _first = _simulation.Open(
            epoch, _firstEnd, () => FirstOpened(epoch), reason => _life.StreamLost(epoch, isFirst: true, reason, Now));
    }

    void IChainOutput.Probe(ChainStage stage)
    {
        var lives = !_simulation.WorkerOf(stage).IsGone;
        _simulation.Time.After(lives ? TimeSpan.FromMilliseconds(5) : Simulation.Options.Probe, () => _life.Probed(stage, lives, Now));
    }

    void IChainOutput.Gone(ChainStage stage) => _simulation.Time.After(TimeSpan.FromMilliseconds(100), _simulation.WorkerOf(stage).Control.Break);

    void IChainOutput.Seek(ChainStage stage, StageFault reason)
    {
        Seeks++;
        _simulation.Time.After(TimeSpan.FromMilliseconds(_simulation.Random.Next(300)), () =>
        {
            ChainStage[] stages = [.. _simulation.Divide(stage.Layers)];
            if (_life.Fill(stage, stages, Now))
            {
                _simulation.Place(stages);
            }
        });
    }

    void IChainOutput.Leaving(ChainStage stage)
    {
        ChainStage[] stages = [.. _simulation.Divide(stage.Layers)];
        var kept = new Dictionary<ChainStage, LayerRange>();
        if (stages.Length > 1 && stage.Ready is { IsMovable: true } && _simulation.Random.Next(2) == 0)
        {
            // It stays, with a part of its layers.
            var part = _simulation.Random.Next(2);
            kept.Add(stage, stages[part].Layers);
            stages[part] = stage;
            stage.IsLeaving = false;
        }

        if (_life.HandOver([stage], stages, kept))
        {
            _simulation.Place(stages.Except([stage]));
        }
        else
        {
            stage.IsLeaving = false;
        }
    }

    void IChainOutput.HandedOver()
    {
    }

    void IChainOutput.HandOverFailed(StageFault reason)
    {
    }

    void IChainOutput.Changed(ChainStage stage)
    {
    }

    // Not from here: the life is not to be called from within its calls.
    void IChainOutput.Started()
    {
        HasRun = true;
        _simulation.Time.After(TimeSpan.Zero, Send);
    }

    void IChainOutput.Over(SwarmException reason, IReadOnlyList<InFlightStep> steps)
    {
        OverCount++;
        _first?.Break();
        _last?.Break();
        Outcomes.AddRange(steps.Select(step => (step.Step, reason.Code, Array.Empty<float>())));
    }

    private void Tick()
    {
        if (_life.State != ChainState.Over)
        {
            _life.Tick(Now);
            _simulation.Time.After(Pulse.TickInterval(Simulation.Options), Tick);
        }
    }

    private void FirstOpened(int epoch)
    {
        _life.FirstOpened(epoch, Now);
        Send();
    }

    /// <summary>Begins as many steps as may be in flight, and sends what is to be sent.</summary>
    private void Send()
    {
        while (_life.State == ChainState.Running && _life.InFlight < MaxInFlight && _sent < Simulation.Steps)
        {
            _sent++;
            _life.Begin(new SimulatedStep(_script.Next()));
        }

        if (_life.State != ChainState.Running)
        {
            return;
        }

        if (_owesReplay)
        {
            _owesReplay = false;
            foreach (var step in _log.Replay(8))
            {
                _writer.WriteReplay(step, _life.Epoch);
                SendOn();
            }
        }

        while (_life.NextToSend(_ => TimeSpan.FromSeconds(5), Now) is SimulatedStep step)
        {
            _writer.Write(step.Batch, _life.Epoch, _life.Answered, []);
            SendOn();
        }
    }

    private void SendOn()
    {
        var (frame, epoch, end) = (_output.WrittenSpan.ToArray(), _life.Epoch, _firstEnd!);
        _output.ResetWrittenCount();
        _first?.Send(fromDialer: true, () => end.Take(frame, epoch));
    }

    private sealed class SimulatedStep(StepBatch batch) : InFlightStep(batch.Step)
    {
        public StepBatch Batch { get; } = batch;
    }
}
