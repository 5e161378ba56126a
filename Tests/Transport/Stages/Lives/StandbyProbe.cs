using ManagedSwarm.Transport.Stages;
using ManagedSwarm.Transport.Stages.Control;
using ManagedSwarm.Transport.Stages.Lives;

namespace ManagedSwarm.Tests.Transport.Stages.Lives;

/// <summary>A standby's life with a clock in the hand, and what it says written down.</summary>
internal sealed class StandbyProbe : IStandbyOutput
{
    private readonly List<string> _log = [];

    public StandbyProbe() => Life = new StandbyLife(SampleOffers.Create() with { IsStandby = true }, Options, this);

    public static StageOptions Options { get; } = new();

    public StandbyLife Life { get; }

    public TimeSpan Now { get; private set; }

    /// <summary>What has been done since the last call.</summary>
    public string[] Take()
    {
        var log = _log.ToArray();
        _log.Clear();
        return log;
    }

    /// <param name="seconds">How long.</param>
    /// <param name="says">What the worker says at each tick; null: nothing.</param>
    public void Pass(double seconds, ControlMessage? says = null)
    {
        for (var end = Now + TimeSpan.FromSeconds(seconds); Now < end;)
        {
            Now += Pulse.TickInterval(Options);
            if (says is not null)
            {
                Hear(says);
            }

            Life.Tick(Now);
        }
    }

    public void Hear(ControlMessage message) => Life.Heard(message, Now);

    /// <summary>As far as an offer that is made.</summary>
    public StandbyProbe Open()
    {
        Life.Opened(Now);
        _log.Clear();
        return this;
    }

    void IStandbyOutput.Send(ControlMessage message) => _log.Add($"say {message.GetType().Name}");

    void IStandbyOutput.Ready() => _log.Add("ready");

    void IStandbyOutput.Over(StageFault reason) => _log.Add($"over {reason.Code}");
}
