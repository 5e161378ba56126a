using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Stages;
using ManagedSwarm.Transport.Stages.Control;
using ManagedSwarm.Transport.Stages.Lives;

namespace ManagedSwarm.Tests.Transport.Stages.Lives;

/// <summary>A chain of three stages with a clock in the hand, and what it says written down.</summary>
internal sealed class ChainProbe : IChainOutput
{
    public const int Epoch = 4;

    private readonly StageOptions _options;

    /// <param name="recovery">How long layers may be nobody's; 0: not at all.</param>
    public ChainProbe(double recovery = 0)
    {
        _options = new() { Recovery = TimeSpan.FromSeconds(recovery) };
        Life = new ChainLife(Epoch, [Create("ada", 0, 2), Create("bob", 2, 3), Create("eve", 5, 1)], _options, this);
    }

    public ChainLife Life { get; }

    public List<string> Log { get; } = [];

    public SwarmException? Reason { get; private set; }

    public TimeSpan Now { get; private set; }

    public ChainStage Create(string node, int first, int count) =>
        new(node, new LayerRange(first, count), _options, Now);

    public string[] Take()
    {
        var log = Log.ToArray();
        Log.Clear();
        return log;
    }

    /// <summary>Time passes, and workers live.</summary>
    public void Pass(double seconds, params string[] silent)
    {
        for (var end = Now + TimeSpan.FromSeconds(seconds); Now < end;)
        {
            Now += Pulse.TickInterval(_options);
            foreach (var stage in Life.AllStages.Where(stage => !silent.Contains(stage.Node)))
            {
                Life.Heard(stage, new ControlMessage.Heartbeat(stage.Done), Now);
            }

            Life.Tick(Now);
        }
    }

    public void Hear(int stage, ControlMessage message) => Life.Heard(Life.Stages[stage], message, Now);

    public void HearAll(ControlMessage message)
    {
        foreach (var stage in Life.Stages.ToArray())
        {
            Life.Heard(stage, message, Now);
        }
    }

    /// <summary>As far as a chain that takes steps.</summary>
    public ChainProbe Run(ControlMessage.Ready? ready = null)
    {
        HearAll(ready ?? SampleOffers.Ready);
        Link();
        Log.Clear();
        return this;
    }

    /// <summary>All take their places and are linked.</summary>
    public void Link()
    {
        var epoch = Life.Epoch;
        HearAll(new ControlMessage.Prepared(epoch, 100));
        HearAll(new ControlMessage.Connected(epoch));
        Life.FirstOpened(epoch, Now);
        Assert.Null(Life.TryAttach(epoch, Now));
        Assert.Equal(ChainState.Running, Life.State);
    }

    /// <summary>A step comes, and is sent at once.</summary>
    public InFlightStep Begin(long number)
    {
        var step = new InFlightStep(number);
        Life.Begin(step);
        Assert.Same(step, Send());
        return step;
    }

    public InFlightStep? Send() => Life.NextToSend(_ => TimeSpan.FromSeconds(5), Now);

    public InFlightStep? Complete(long step)
    {
        var completed = Life.Complete(step, Life.Epoch, Life.Epoch, Now);
        Life.Settled(Now);
        return completed;
    }

    private static string Taken(ChainStage stage) =>
        string.Concat(stage.Takes.Select(take => $" takes {take.Layers} of {take.Giver.Node}, then {take.Index}"));

    void IChainOutput.Send(ChainStage stage, ControlMessage message)
    {
        if (message is not ControlMessage.Heartbeat)
        {
            Log.Add($"{stage.Node} {message.GetType().Name}");
        }
    }

    void IChainOutput.Unlink() => Log.Add("unlink");

    void IChainOutput.Prepare(ChainStage stage) => Log.Add($"{stage.Node} prepare {stage.Index}{(stage.IsToBeTold ? " fresh" : "")}{Taken(stage)}");

    void IChainOutput.Give(ChainStage stage, IReadOnlyList<ChainStage> takers) =>
        Log.Add($"{stage.Node} gives {string.Join(" ", takers.Select(taker => taker.Node))}");


    void IChainOutput.OpenFirst() => Log.Add("open first");

    void IChainOutput.Probe(ChainStage stage) => Log.Add($"probe {stage.Node}");

    void IChainOutput.Gone(ChainStage stage) => Log.Add($"gone {stage.Node}");

    void IChainOutput.Seek(ChainStage stage, StageFault reason) => Log.Add($"seek {stage.Layers} {reason.Code}");

    void IChainOutput.Leaving(ChainStage stage) => Log.Add($"leaving {stage.Node}");

    void IChainOutput.HandedOver() => Log.Add("handed over");

    void IChainOutput.HandOverFailed(StageFault reason) => Log.Add($"not handed over {reason.Code}");

    void IChainOutput.Changed(ChainStage stage)
    {
    }

    void IChainOutput.Started() => Log.Add("started");

    void IChainOutput.Over(SwarmException reason, IReadOnlyList<InFlightStep> steps)
    {
        Reason = reason;
        Log.Add($"over {reason.Code} [{string.Join(" ", steps.Select(step => step.Step))}]");
    }
}
