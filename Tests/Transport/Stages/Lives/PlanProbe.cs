using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Stages;
using ManagedSwarm.Transport.Stages.Control;
using ManagedSwarm.Transport.Stages.Lives;

namespace ManagedSwarm.Tests.Transport.Stages.Lives;

/// <summary>A stage's life with a clock in the hand, and what it says written down.</summary>
internal sealed class PlanProbe : IPlanOutput
{
    public PlanProbe(bool isStandby = false) => Life = new PlanLife(Options, this, TimeSpan.Zero, isStandby);

    public static StageOptions Options { get; } = new();

    public PlanLife Life { get; }

    public List<string> Log { get; } = [];

    public TimeSpan Now { get; private set; }

    /// <summary>What has been done since the last call.</summary>
    public string[] Take()
    {
        var log = Log.ToArray();
        Log.Clear();
        return log;
    }

    public void Pass(double seconds)
    {
        for (var end = Now + TimeSpan.FromSeconds(seconds); Now < end;)
        {
            Now += Pulse.TickInterval(Options);
            Life.Tick(Now);
        }
    }

    public void Hear(ControlMessage message) => Life.Heard(message, Now);

    /// <summary>As far as a stage that computes.</summary>
    public PlanProbe Run()
    {
        Life.Begin();
        Life.Loaded(SampleOffers.Ready, Now);
        Link(5);
        Log.Clear();
        return this;
    }

    /// <summary>Takes its place in an epoch, and is linked.</summary>
    public void Link(int epoch)
    {
        Hear(new ControlMessage.Prepare(SampleOffers.Links(epoch)));
        Life.Prepared(epoch, 100, Now);
        Hear(new ControlMessage.Connect(epoch));
        Assert.Null(Life.TryAttach(epoch));
        Life.NextOpened(epoch, Now);
    }

    void IPlanOutput.Send(ControlMessage message) => Log.Add(message switch
    {
        ControlMessage.Progress { Load: var load } => $"say {load.State} {load.BytesDone}",
        ControlMessage.Lost lost => $"say lost {lost.Stage} {lost.Code}",
        ControlMessage.Prepared prepared => $"say prepared {prepared.Epoch}",
        ControlMessage.Giving giving => $"say giving {giving.Epoch}",
        ControlMessage.Connected connected => $"say connected {connected.Epoch}",
        ControlMessage.Heartbeat beat => $"say beat {beat.Done}",
        ControlMessage.Ended ended => $"say ended {ended.Code}",
        _ => $"say {message.GetType().Name}",
    });

    void IPlanOutput.Load() => Log.Add("load");

    void IPlanOutput.Prepare(StageLinks links) => Log.Add($"prepare {links.Epoch}");

    void IPlanOutput.Give(int epoch, IReadOnlyList<PeerId> takers) => Log.Add($"give {epoch} {takers.Count}");

    void IPlanOutput.OpenNext(StageLinks links) => Log.Add($"open next {links.Epoch}");

    void IPlanOutput.CancelStep(long step) => Log.Add($"cancel {step}");

    void IPlanOutput.Free(StageFault reason) => Log.Add($"free {reason.Code}");

    void IPlanOutput.Changed()
    {
    }
}
