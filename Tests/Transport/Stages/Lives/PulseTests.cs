using ManagedSwarm.Transport.Stages;
using ManagedSwarm.Transport.Stages.Lives;

namespace ManagedSwarm.Tests.Transport.Stages.Lives;

public sealed class PulseTests
{
    private readonly Pulse _pulse = new(new StageOptions { HeartbeatInterval = TimeSpan.FromSeconds(1) }, TimeSpan.Zero);

    [Fact]
    public void Says_something_once_in_an_interval_and_less_where_others_do()
    {
        Assert.Equal((false, 0.5), Tick(0.5));
        Assert.Equal((true, 1), Tick(1));
        _pulse.Said(TimeSpan.FromSeconds(1));
        Assert.Equal((false, 1.5), Tick(1.5));
        _pulse.Said(TimeSpan.FromSeconds(1.5));
        _pulse.Heard(TimeSpan.FromSeconds(1.5));
        Assert.Equal((false, 0.5), Tick(2));
    }

    [Fact]
    public void Time_that_this_side_slept_through_is_nobodys_silence()
    {
        Assert.Equal(0.5, Tick(0.5).Silence);
        Assert.Equal(1.5, Tick(3_600).Silence);
        for (var i = 1; i <= 5; i++)
        {
            Assert.Equal(1.5 + (i * 0.5), Tick(3_600 + (i * 0.5)).Silence, precision: 3);
        }
    }

    private (bool IsDue, double Silence) Tick(double seconds)
    {
        var (isDue, silence) = _pulse.Tick(TimeSpan.FromSeconds(seconds));
        return (isDue, silence.TotalSeconds);
    }
}
