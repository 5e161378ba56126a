using ManagedSwarm.Transport.Stages;
using ManagedSwarm.Transport.Stages.Control;

namespace ManagedSwarm.Tests.Transport.Stages.Lives;

/// <summary>A standby at its head, message by message.</summary>
public sealed class StandbyLifeTests
{
    private static readonly ControlMessage Beat = new ControlMessage.Heartbeat();

    private readonly StandbyProbe _probe = new();

    [Fact]
    public void Offers_waits_is_ready_and_is_let_go()
    {
        _probe.Life.Opened(_probe.Now);
        _probe.Hear(Progress(1));
        Assert.False(_probe.Life.IsReady);
        _probe.Hear(ControlMessage.Ready.Standby);
        Assert.True(_probe.Life.IsReady);
        Assert.Null(_probe.Life.Failure);
        _probe.Life.Close();
        _probe.Life.Close();
        Assert.Equal(["say Offer", "ready", "say Unload", "over standby_closed"], _probe.Take());
    }

    [Fact]
    public void Says_that_it_lives_as_long_as_the_worker_does()
    {
        _probe.Open().Hear(ControlMessage.Ready.Standby);
        _probe.Take();
        _probe.Pass(60, Beat);
        Assert.Equal(300, _probe.Take().Count(said => said == "say Heartbeat"));
        Assert.Null(_probe.Life.Failure);
    }

    [Fact]
    public void A_worker_that_falls_silent_is_given_up()
    {
        _probe.Open().Hear(ControlMessage.Ready.Standby);
        _probe.Pass(3.8);
        Assert.Null(_probe.Life.Failure);
        _probe.Pass(0.2);
        Assert.Equal(["say Unload", "over silence"], _probe.Take()[^2..]);
        _probe.Pass(10);
        Assert.Empty(_probe.Take());
    }

    [Fact]
    public void A_load_that_gets_no_further_is_given_up_though_the_worker_lives()
    {
        _probe.Open();
        _probe.Pass(29, Beat);
        _probe.Hear(Progress(1));
        _probe.Pass(29, Beat);
        Assert.Null(_probe.Life.Failure);
        _probe.Pass(1, Beat);
        Assert.Equal("load_stalled", _probe.Life.Failure?.Code);
    }

    [Fact]
    public void The_time_until_the_stream_is_open_is_nobodys_silence()
    {
        _probe.Pass(60);
        _probe.Open();
        _probe.Pass(3.8);
        Assert.Null(_probe.Life.Failure);
    }

    [Fact]
    public void A_refusal_and_an_end_are_answered_with_the_last_word()
    {
        _probe.Open().Hear(new ControlMessage.Ended("too_many_stages", "64"));
        Assert.Equal(["say Unload", "over too_many_stages"], _probe.Take());
        _probe.Hear(ControlMessage.Ready.Standby);
        _probe.Life.ControlLost(new("stream_reset", "it was reset"));
        Assert.Empty(_probe.Take());
        Assert.False(_probe.Life.IsReady);
    }

    [Fact]
    public void A_stream_that_does_not_open_or_is_lost_is_the_end()
    {
        _probe.Life.ControlLost(new("connect_timeout", "5 s"));
        _probe.Life.Opened(_probe.Now);
        Assert.Equal(["over connect_timeout"], _probe.Take());
        var open = new StandbyProbe().Open();
        open.Life.ControlLost(new("stream_reset", "it was reset"));
        Assert.Equal("over stream_reset", open.Take()[^1]);
    }

    [Fact]
    public void A_worker_that_says_what_it_must_not_is_given_up()
    {
        ControlMessage[] messages = [new ControlMessage.Prepared(0, 100), new ControlMessage.Connected(0), new ControlMessage.Unload(), Progress(2), ControlMessage.Ready.Standby];
        foreach (var message in messages)
        {
            var probe = new StandbyProbe().Open();
            probe.Hear(ControlMessage.Ready.Standby);
            probe.Hear(message);
            Assert.Equal(["ready", "say Unload", "over protocol_violation"], probe.Take());
        }
    }

    private static ControlMessage.Progress Progress(long bytes) => new(new StageProgress(StageState.Fetching, bytes, 10));
}
