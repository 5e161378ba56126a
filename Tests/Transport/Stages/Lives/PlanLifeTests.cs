using ManagedSwarm.Transport.Stages;
using ManagedSwarm.Transport.Stages.Control;

namespace ManagedSwarm.Tests.Transport.Stages.Lives;

/// <summary>One stage on a worker, message by message.</summary>
public sealed class PlanLifeTests
{
    private static readonly StageFault Reset = new("stream_reset", "it was reset");

    private readonly PlanProbe _probe = new();

    [Fact]
    public void Loads_connects_computes_and_ends_with_a_word()
    {
        _probe.Life.Begin();
        _probe.Life.Reported(new StageProgress(StageState.Fetching, 1, 10), _probe.Now);
        _probe.Life.Reported(new StageProgress(StageState.Fetching, 2, 10), _probe.Now);
        _probe.Life.Reported(new StageProgress(StageState.Loading, 3, 10), _probe.Now);
        _probe.Life.Loaded(SampleOffers.Ready, _probe.Now);
        Assert.Equal(["load", "say Fetching 1", "say Loading 3", "say Ready"], _probe.Take());
        _probe.Link(5);
        _probe.Hear(new ControlMessage.Cancel(9));
        _probe.Hear(new ControlMessage.Unload());
        Assert.Equal(
            ["prepare 5", "say prepared 5", "open next 5", "say connected 5", "cancel 9", "say ended unloaded", "free unloaded"], _probe.Take());
    }

    [Fact]
    public void A_head_that_dies_costs_no_more_than_the_limit()
    {
        _probe.Run().Life.Done = 3;
        _probe.Pass(0.65);
        Assert.Equal(["say beat 3", "say beat 3", "say beat 3"], _probe.Take());
        _probe.Pass(3.2);
        Assert.DoesNotContain("free head_lost", _probe.Take());
        _probe.Pass(0.2);
        Assert.Equal("free head_lost", _probe.Take()[^1]);
        _probe.Pass(10);
        Assert.Empty(_probe.Take());
    }

    [Fact]
    public void A_head_that_says_anything_lives()
    {
        _probe.Run();
        for (var i = 0; i < 10; i++)
        {
            _probe.Pass(3);
            _probe.Hear(new ControlMessage.Heartbeat());
        }

        Assert.Equal(StageState.Running, _probe.Life.State);
    }

    [Fact]
    public void A_lost_stream_is_told_once_and_nothing_is_freed_until_the_head_says_so()
    {
        _probe.Run().Life.StreamLost(5, 2, Reset, _probe.Now);
        _probe.Life.StreamLost(5, 0, Reset, _probe.Now);
        Assert.Equal(["say lost 2 stream_reset"], _probe.Take());
        Assert.Equal("not_ready", _probe.Life.TryAttach(5)?.Code);
        _probe.Hear(new ControlMessage.Unload());
        Assert.Equal(["say ended unloaded", "free unloaded"], _probe.Take());
    }

    [Fact]
    public void A_load_that_fails_ends_with_its_reason()
    {
        _probe.Life.Begin();
        _probe.Life.LoadFailed(new("disk_full", "no"), _probe.Now);
        Assert.Equal(["load", "say ended disk_full", "free disk_full"], _probe.Take());
        _probe.Life.Loaded(SampleOffers.Ready, _probe.Now);
        _probe.Life.ControlLost(Reset);
        Assert.Empty(_probe.Take());
    }

    [Fact]
    public void Only_one_stream_of_steps_is_taken_and_only_when_ready()
    {
        Assert.Equal("not_ready", _probe.Life.TryAttach(5)?.Code);
        _probe.Run();
        Assert.Equal("stream_taken", _probe.Life.TryAttach(5)?.Code);
        Assert.Equal("not_ready", _probe.Life.TryAttach(4)?.Code);
    }

    [Fact]
    public void A_new_place_ends_the_streams_of_the_one_before_also_of_a_broken_stage()
    {
        _probe.Run().Life.StreamLost(5, 2, Reset, _probe.Now);
        _probe.Hear(new ControlMessage.Connect(5));
        Assert.Equal(["say lost 2 stream_reset"], _probe.Take());
        _probe.Hear(new ControlMessage.Prepare(SampleOffers.Links(9)));
        Assert.Equal("not_ready", _probe.Life.TryAttach(9)?.Code);

        // What is heard of the epoch before is of no interest any more.
        _probe.Life.StreamLost(5, 0, Reset, _probe.Now);
        _probe.Life.Prepared(5, 100, _probe.Now);
        _probe.Life.NextOpened(5, _probe.Now);
        Assert.Equal(["prepare 9"], _probe.Take());
        _probe.Life.Prepared(9, 100, _probe.Now);
        _probe.Hear(new ControlMessage.Connect(9));
        Assert.Null(_probe.Life.TryAttach(9));
        _probe.Life.NextOpened(9, _probe.Now);
        Assert.Equal(["say prepared 9", "open next 9", "say connected 9"], _probe.Take());
        Assert.Equal(StageState.Running, _probe.Life.State);
    }

    [Fact]
    public void A_place_of_an_epoch_that_is_over_ends_the_plan()
    {
        _probe.Run().Hear(new ControlMessage.Prepare(SampleOffers.Links(5)));
        Assert.Equal(["say ended protocol_violation", "free protocol_violation"], _probe.Take());
    }

    [Fact]
    public void A_head_that_says_what_it_must_not_ends_the_plan()
    {
        _probe.Life.Begin();
        _probe.Hear(new ControlMessage.Connect(0));
        Assert.Equal(["load", "say ended protocol_violation", "free protocol_violation"], _probe.Take());
        var running = new PlanProbe().Run();
        running.Hear(new ControlMessage.Offer(SampleOffers.Create()));
        Assert.Equal(["say ended protocol_violation", "free protocol_violation"], running.Take());
    }

    [Fact]
    public void A_standby_fetches_says_so_and_takes_no_place()
    {
        ControlMessage[] places = [new ControlMessage.Prepare(SampleOffers.Links()), new ControlMessage.Connect(5)];
        foreach (var place in places)
        {
            var standby = new PlanProbe(isStandby: true);
            standby.Life.Begin();
            standby.Life.Loaded(ControlMessage.Ready.Standby, standby.Now);
            Assert.Equal("not_ready", standby.Life.TryAttach(5)?.Code);
            standby.Hear(new ControlMessage.Heartbeat());
            standby.Hear(place);
            Assert.Equal(["load", "say Ready", "say ended protocol_violation", "free protocol_violation"], standby.Take());
        }
    }

    [Fact]
    public void A_standby_of_a_worker_that_leaves_is_over_at_once_and_a_stage_is_not()
    {
        var standby = new PlanProbe(isStandby: true);
        standby.Life.Leave(standby.Now);
        standby.Life.Leave(standby.Now);
        Assert.Equal(["say ended worker_leaving", "free worker_leaving"], standby.Take());
        _probe.Run().Life.Leave(_probe.Now);
        Assert.Equal(["say Leaving"], _probe.Take());
    }

    [Fact]
    public void A_stage_that_gives_takes_no_steps_until_it_has_another_place()
    {
        _probe.Run().Hear(new ControlMessage.Give(5, [SampleOffers.Peer(2)]));
        Assert.Equal(["give 5 1"], _probe.Take());
        Assert.Equal("not_ready", _probe.Life.TryAttach(5)?.Code);
        _probe.Life.Given(5, _probe.Now);
        Assert.Equal(["say giving 5"], _probe.Take());
        _probe.Link(6);
        Assert.Equal(StageState.Running, _probe.Life.State);
    }

    /// <summary>A neighbour that gives, too, ends the stream between them, before or behind this one.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_stream_that_ends_as_stages_give_is_no_loss(bool isBefore)
    {
        _probe.Run();
        if (isBefore)
        {
            _probe.Life.StreamLost(5, 2, new("reset", "the stream is gone"), _probe.Now);
        }

        _probe.Hear(new ControlMessage.Give(5, [SampleOffers.Peer(2)]));
        _probe.Take();
        if (!isBefore)
        {
            _probe.Life.StreamLost(5, 2, new("reset", "the stream is gone"), _probe.Now);
        }

        _probe.Life.Given(5, _probe.Now);

        Assert.Equal(["say giving 5"], _probe.Take());
        _probe.Link(6);
        Assert.Equal(StageState.Running, _probe.Life.State);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    public void A_stage_gives_nothing_in_another_epoch(int epoch)
    {
        _probe.Run().Hear(new ControlMessage.Give(epoch, []));
        Assert.Equal(["say ended protocol_violation", "free protocol_violation"], _probe.Take());
    }
}
