using ManagedSwarm.Transport.Stages;
using ManagedSwarm.Transport.Stages.Control;
using ManagedSwarm.Transport.Stages.Lives;

namespace ManagedSwarm.Tests.Transport.Stages.Lives;

/// <summary>A head's chain in which others take the layers of stages that are lost, message by message.</summary>
public sealed class ChainRecoveryTests
{
    private static readonly StageFault Reset = new("stream_reset", "it was reset");

    private readonly ChainProbe _probe = new(recovery: 60);

    [Fact]
    public void Others_take_the_layers_of_a_lost_stage_and_steps_are_sent_again()
    {
        _probe.Run().Begin(1);
        _probe.Complete(1);
        var (two, three) = (_probe.Begin(2), _probe.Begin(3));
        var bob = _probe.Life.Stages[1];
        _probe.Life.ControlLost(bob, Reset, _probe.Now);
        Assert.Equal(["bob Unload", "gone bob", "seek 2..4 stream_reset"], _probe.Take());

        // Steps that come now wait.
        var four = new InFlightStep(4);
        _probe.Life.Begin(four);
        Assert.Null(_probe.Send());
        Assert.Null(_probe.Complete(2));

        Assert.True(_probe.Life.Fill(bob, [_probe.Create("dan", 2, 1), _probe.Create("fay", 3, 2)], _probe.Now));
        Assert.False(_probe.Life.Fill(bob, [], _probe.Now));
        Assert.Empty(_probe.Take());
        _probe.Hear(2, SampleOffers.Ready);
        _probe.Hear(1, SampleOffers.Ready);
        Assert.Equal(["unlink", "ada prepare 0", "dan prepare 1 fresh", "fay prepare 2 fresh", "eve prepare 3"], _probe.Take());
        Assert.Equal(ChainProbe.Epoch + 1, _probe.Life.Epoch);
        _probe.Link();
        Assert.Equal([two, three, four, null], [_probe.Send(), _probe.Send(), _probe.Send(), _probe.Send()]);
        Assert.All((InFlightStep[])[two, three, four], step => Assert.Same(step, _probe.Complete(step.Step)));
        Assert.All(_probe.Life.Stages, stage => Assert.False(stage.IsFresh));
    }

    [Fact]
    public void Who_takes_layers_late_has_the_whole_time_to_say_how_far_its_load_is()
    {
        var (limit, options) = (new StageOptions().LoadSilence.TotalSeconds, new StageOptions());
        _probe.Run().Pass(2 * limit);
        var bob = _probe.Life.Stages[1];
        _probe.Life.ControlLost(bob, Reset, _probe.Now);
        Assert.True(_probe.Life.Fill(bob, [_probe.Create("dan", 2, 3)], _probe.Now));
        _probe.Take();
        _probe.Pass(limit - Pulse.TickInterval(options).TotalSeconds);
        Assert.Empty(_probe.Take());
        _probe.Pass(Pulse.TickInterval(options).TotalSeconds);
        Assert.Equal("seek 2..4 load_stalled", _probe.Take()[^1]);
    }

    [Fact]
    public void A_stage_is_fresh_until_a_step_has_gone_through()
    {
        _probe.Run().Begin(1);
        _probe.Complete(1);
        Replace(1, "dan");
        Assert.Contains("dan prepare 1 fresh", _probe.Take());
        _probe.Link();
        Replace(0, "fay");
        Assert.Equal(["fay prepare 0 fresh", "dan prepare 1 fresh", "eve prepare 2"], _probe.Take()[^3..]);
        _probe.Link();
        _probe.Begin(2);
        _probe.Complete(2);
        Replace(2, "gus");
        Assert.Equal(["fay prepare 0", "dan prepare 1", "gus prepare 2 fresh"], _probe.Take()[^3..]);
    }

    [Theory]
    [InlineData(0, 1, "bob")]
    [InlineData(2, 1, "bob")]
    [InlineData(0, -1, "ada")]
    public void A_stream_that_breaks_between_workers_that_live_is_opened_again(int from, int other, string suspect)
    {
        var step = _probe.Run().Begin(1);
        _probe.Hear(from, new ControlMessage.Lost(ChainProbe.Epoch, other, "stream_reset", "it was reset"));
        _probe.Life.StreamLost(ChainProbe.Epoch, isFirst: true, Reset, _probe.Now);
        Assert.Equal([$"probe {suspect}"], _probe.Take());
        _probe.Life.Probed(Find(suspect), lives: true, _probe.Now);
        Assert.Equal(["unlink", "ada prepare 0 fresh", "bob prepare 1 fresh", "eve prepare 2 fresh"], _probe.Take());

        // Of the epoch that is over.
        _probe.Hear(1, new ControlMessage.Lost(ChainProbe.Epoch, 0, "stream_reset", "it was reset"));
        _probe.Link();
        Assert.Same(step, _probe.Send());
        Assert.Same(step, _probe.Complete(1));
    }

    [Fact]
    public void A_worker_whose_streams_break_again_and_again_is_lost()
    {
        _probe.Run();
        for (var i = 0; i < 3; i++)
        {
            _probe.Life.StreamLost(_probe.Life.Epoch, isFirst: true, Reset, _probe.Now);
            _probe.Life.Probed(Find("ada"), lives: true, _probe.Now);
            _probe.Link();
        }

        _probe.Take();
        _probe.Life.StreamLost(_probe.Life.Epoch, isFirst: true, Reset, _probe.Now);
        Assert.Contains("seek 0..1 stream_reset", _probe.Take());
    }

    [Fact]
    public void A_silent_worker_is_asked_and_lost_where_it_does_not_answer()
    {
        _probe.Run().Pass(0.45, silent: "bob");
        Assert.Empty(_probe.Take());
        _probe.Pass(0.2, silent: "bob");
        Assert.Equal(["probe bob"], _probe.Take());
        _probe.Life.Probed(Find("bob"), lives: true, _probe.Now);
        _probe.Pass(0.65, silent: "bob");
        Assert.Equal(["probe bob"], _probe.Take());
        _probe.Life.Probed(Find("bob"), lives: false, _probe.Now);
        Assert.Equal(["bob Unload", "gone bob", "seek 2..4 silence"], _probe.Take());
    }

    [Fact]
    public void A_step_that_takes_too_long_is_laid_to_the_first_worker_that_has_not_done_it()
    {
        _probe.Run().Begin(1);
        _probe.Complete(1);
        _probe.Begin(2);
        _probe.Hear(0, new ControlMessage.Heartbeat(2));
        _probe.Hear(1, new ControlMessage.Heartbeat(1));
        _probe.Hear(2, new ControlMessage.Heartbeat(1));
        _probe.Pass(5.1);
        Assert.Contains("seek 2..4 step_timeout", _probe.Take());
    }

    [Fact]
    public void Layers_that_nobody_takes_in_time_end_the_chain_and_are_named()
    {
        _probe.Run().Begin(1);
        _probe.Life.ControlLost(Find("eve"), Reset, _probe.Now);
        _probe.Life.NobodyFor(new("nobody_for_layers", "ada lacks 2 GiB"));
        _probe.Pass(59.8);
        Assert.Null(_probe.Reason);
        _probe.Pass(0.4);
        Assert.Equal("over stage_lost [1]", _probe.Take()[^1]);
        Assert.Contains("layers 5..5, last on eve, are not back after 60 s: ada lacks 2 GiB", _probe.Reason!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_that_are_lost_at_once_are_replaced_one_by_one()
    {
        _probe.Run().Begin(1);
        var (ada, bob) = (Find("ada"), Find("bob"));
        _probe.Life.ControlLost(bob, Reset, _probe.Now);
        _probe.Life.ControlLost(ada, Reset, _probe.Now);
        Assert.True(_probe.Life.Fill(ada, [_probe.Create("dan", 0, 2)], _probe.Now));
        _probe.Hear(0, SampleOffers.Ready);
        Assert.Equal(ChainState.Loading, _probe.Life.State);
        Assert.True(_probe.Life.Fill(bob, [_probe.Create("fay", 2, 3)], _probe.Now));
        _probe.Hear(1, SampleOffers.Ready);
        Assert.Equal(["dan prepare 0 fresh", "fay prepare 1 fresh", "eve prepare 2 fresh"], _probe.Take()[^3..]);
    }

    [Fact]
    public void One_that_is_to_take_layers_and_cannot_is_replaced_itself()
    {
        var bob = _probe.Run().Life.Stages[1];
        _probe.Life.ControlLost(bob, Reset, _probe.Now);
        _probe.Life.Fill(bob, [_probe.Create("dan", 2, 3)], _probe.Now);
        _probe.Take();
        _probe.Hear(1, new ControlMessage.Ended("not_enough_memory", "needs 2 GiB"));
        Assert.Equal(["dan Unload", "gone dan", "seek 2..4 not_enough_memory"], _probe.Take());
    }

    [Fact]
    public void Layers_are_handed_over_between_two_steps_when_the_others_are_ready()
    {
        _probe.Run().Begin(1);
        _probe.Complete(1);
        var dan = _probe.Create("dan", 2, 3);
        Assert.True(_probe.Life.HandOver([_probe.Life.Stages[1]], [dan]));
        Assert.False(_probe.Life.HandOver([_probe.Life.Stages[0]], []));
        var two = _probe.Begin(2);
        Assert.Empty(_probe.Take());
        _probe.Life.Heard(dan, SampleOffers.Ready, _probe.Now);
        Assert.Equal(
            ["bob Unload", "gone bob", "handed over", "unlink", "ada prepare 0", "dan prepare 1 fresh", "eve prepare 2"], _probe.Take());
        _probe.Link();
        Assert.Same(two, _probe.Send());
        Assert.Same(two, _probe.Complete(2));
    }

    [Fact]
    public void A_step_that_is_cancelled_while_layers_are_nobodys_is_dropped_and_the_others_wait()
    {
        var (one, two) = (_probe.Run().Begin(1), _probe.Begin(2));
        _probe.Life.ControlLost(Find("bob"), Reset, _probe.Now);
        Assert.True(_probe.Life.Cancel(one, _probe.Now));
        Assert.False(_probe.Life.Cancel(one, _probe.Now));
        Assert.True(_probe.Life.Fill(Find("bob"), [_probe.Create("dan", 2, 3)], _probe.Now));
        _probe.Hear(1, SampleOffers.Ready);
        _probe.Link();
        Assert.Same(two, _probe.Send());
        Assert.Null(_probe.Send());
    }

    [Fact]
    public void A_worker_that_is_about_to_leave_is_told_of_once()
    {
        _probe.Run().Hear(1, new ControlMessage.Leaving());
        _probe.Hear(1, new ControlMessage.Leaving());
        Assert.Equal(["leaving bob"], _probe.Take());
        Assert.Equal(ChainState.Running, _probe.Life.State);
    }

    [Fact]
    public void A_hand_over_that_comes_to_nothing_changes_nothing()
    {
        var dan = _probe.Create("dan", 2, 3);
        _probe.Run().Life.HandOver([_probe.Life.Stages[1]], [dan]);
        _probe.Life.Heard(dan, new ControlMessage.Ended("disk_full", "no room"), _probe.Now);
        Assert.Equal(["dan Unload", "gone dan", "not handed over disk_full"], _probe.Take());
        Assert.Equal(ChainState.Running, _probe.Life.State);
        _probe.Begin(1);
    }

    [Fact]
    public void One_that_is_lost_while_it_hands_over_is_replaced_by_those_that_load_already()
    {
        var (bob, dan) = (_probe.Run().Life.Stages[1], _probe.Create("dan", 2, 3));
        _probe.Life.HandOver([bob], [dan]);
        _probe.Life.ControlLost(bob, Reset, _probe.Now);
        Assert.Equal(["bob Unload", "gone bob", "handed over"], _probe.Take());
        _probe.Life.Heard(dan, SampleOffers.Ready, _probe.Now);
        Assert.Contains("dan prepare 1 fresh", _probe.Take());
    }

    private ChainStage Find(string node) => _probe.Life.Stages.Single(stage => stage.Node == node);

    private void Replace(int index, string node)
    {
        var lost = _probe.Life.Stages[index];
        _probe.Life.ControlLost(lost, Reset, _probe.Now);
        _probe.Life.Fill(lost, [_probe.Create(node, lost.Layers.First, lost.Layers.Count)], _probe.Now);
        _probe.Hear(index, SampleOffers.Ready);
    }
}
