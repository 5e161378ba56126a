using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Stages;
using ManagedSwarm.Transport.Stages.Control;
using ManagedSwarm.Transport.Stages.Lives;

namespace ManagedSwarm.Tests.Transport.Stages.Lives;

/// <summary>Layers that change hands with their keys and values, message by message.</summary>
public sealed class ChainHandOverTests
{
    private static readonly StageFault Reset = new("stream_reset", "it was reset");

    private readonly ChainProbe _probe = new(recovery: 60);
    private readonly ChainStage _bob;
    private ChainStage _dan;

    /// <summary>Three stages that have computed a step, and another one that comes.</summary>
    public ChainHandOverTests()
    {
        _probe.Run(SampleOffers.Movable).Begin(1);
        _probe.Complete(1);
        (_bob, _dan) = (_probe.Life.Stages[1], _probe.Create("dan", 2, 3));
        _probe.Take();
    }

    [Fact]
    public void Steps_are_answered_before_the_giver_stops_and_it_goes_when_the_taker_has_all()
    {
        var (two, three) = (_probe.Begin(2), _probe.Begin(3));
        Assert.True(_probe.Life.HandOver([_bob], [_dan]));
        _probe.Life.Heard(_dan, SampleOffers.Movable, _probe.Now);
        var four = new InFlightStep(4);
        _probe.Life.Begin(four);
        Assert.Null(_probe.Send());
        Assert.Same(two, _probe.Complete(2));
        Assert.Empty(_probe.Take());
        Assert.Same(three, _probe.Complete(3));
        Assert.Equal(["bob gives dan"], _probe.Take());

        // Streams that end as those that give stop are none that are lost.
        _probe.Hear(0, new ControlMessage.Lost(ChainProbe.Epoch, 1, "stream_reset", "it was reset"));
        _probe.Life.StreamLost(ChainProbe.Epoch, isFirst: false, Reset, _probe.Now);
        Assert.Empty(_probe.Take());

        Give();
        Assert.Equal(["handed over", "unlink", "ada prepare 0", "dan prepare 1 takes 2..4 of bob, then 1", "eve prepare 2"], _probe.Take());
        Assert.Contains(_bob, _probe.Life.AllStages);
        _probe.Link();
        Assert.Equal(["bob Unload", "gone bob"], _probe.Take()[..2]);
        Assert.False(_dan.IsFresh);
        Assert.Same(four, _probe.Send());
        Assert.Same(four, _probe.Complete(4));
    }

    [Fact]
    public void Who_keeps_a_part_goes_on_with_it_and_both_are_told_all_when_the_next_one_is_lost()
    {
        Share();
        Assert.Equal(
            ["bob gives dan", "handed over", "unlink", "ada prepare 0", "bob prepare 1", "dan prepare 2 takes 3..4 of bob, then 1", "eve prepare 3"],
            _probe.Take());
        Assert.Equal(new LayerRange(2, 1), _bob.Layers);
        _probe.Link();
        Assert.DoesNotContain("bob Unload", _probe.Take());

        Replace(3, "gus");
        Assert.Equal(["ada prepare 0", "bob prepare 1 fresh", "dan prepare 2 fresh", "gus prepare 3 fresh"], _probe.Take()[^4..]);
        _probe.Link();
        _probe.Begin(2);
        _probe.Complete(2);
        Replace(3, "hal");
        Assert.Equal(["ada prepare 0", "bob prepare 1", "dan prepare 2", "hal prepare 3 fresh"], _probe.Take()[^4..]);
    }

    [Fact]
    public void A_taker_that_gets_nothing_is_told_all_in_another_epoch()
    {
        Share();
        _probe.Take();
        _probe.Life.Heard(_dan, new ControlMessage.Lost(_probe.Life.Epoch, 2, "not_movable", "another layout"), _probe.Now);
        Assert.Equal(["probe dan"], _probe.Take());
        _probe.Life.Probed(_dan, lives: true, _probe.Now);
        Assert.Equal(["unlink", "ada prepare 0", "bob prepare 1 fresh", "dan prepare 2 fresh", "eve prepare 3"], _probe.Take());
        _probe.Link();
    }

    [Fact]
    public void A_giver_without_a_place_that_is_lost_too_early_is_made_good()
    {
        _probe.Life.HandOver([_bob], [_dan]);
        _probe.Life.Heard(_dan, SampleOffers.Movable, _probe.Now);
        Give();
        _probe.Take();
        _probe.Life.ControlLost(_bob, Reset, _probe.Now);
        Assert.Equal(["bob Unload", "gone bob", "unlink", "ada prepare 0", "dan prepare 1 fresh", "eve prepare 2"], _probe.Take());
        _probe.Link();
    }

    [Fact]
    public void A_giver_that_keeps_a_part_and_is_lost_is_sought_for_that_part_alone()
    {
        Share();
        _probe.Take();
        _probe.Life.ControlLost(_bob, Reset, _probe.Now);
        Assert.Equal(["bob Unload", "gone bob", "seek 2..2 stream_reset"], _probe.Take());
        _probe.Life.Fill(_bob, [_probe.Create("gus", 2, 1)], _probe.Now);
        _probe.Hear(1, SampleOffers.Movable);
        Assert.Equal(["ada prepare 0", "gus prepare 1 fresh", "dan prepare 2 fresh", "eve prepare 3"], _probe.Take()[^4..]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Keys_and_values_that_take_too_long_are_not_waited_for(bool isGiving)
    {
        _probe.Life.HandOver([_bob], [_dan]);
        _probe.Life.Heard(_dan, SampleOffers.Movable, _probe.Now);
        if (!isGiving)
        {
            Give();
        }

        _probe.Take();
        _probe.Pass(new StageOptions().Moving.TotalSeconds + 1);
        Assert.Equal(["unlink", "ada prepare 0", "dan prepare 1 fresh", "eve prepare 2"], _probe.Take()[^4..]);
        Assert.DoesNotContain(_bob, _probe.Life.AllStages);
    }

    [Fact]
    public void A_taker_that_is_lost_before_the_giver_has_stopped_changes_nothing_but_the_epoch()
    {
        _probe.Life.HandOver([_bob], [_dan]);
        _probe.Life.Heard(_dan, SampleOffers.Movable, _probe.Now);
        _probe.Life.ControlLost(_dan, Reset, _probe.Now);
        Assert.Equal(
            ["bob gives dan", "dan Unload", "gone dan", "not handed over stream_reset", "unlink", "ada prepare 0", "bob prepare 1", "eve prepare 2"],
            _probe.Take());
        _probe.Link();
        _probe.Begin(2);
    }

    [Fact]
    public void Steps_that_waited_for_a_taker_that_is_lost_go_on()
    {
        var two = _probe.Begin(2);
        _probe.Life.HandOver([_bob], [_dan]);
        _probe.Life.Heard(_dan, SampleOffers.Movable, _probe.Now);
        var three = new InFlightStep(3);
        _probe.Life.Begin(three);
        Assert.Null(_probe.Send());
        _probe.Life.ControlLost(_dan, Reset, _probe.Now);
        Assert.Contains("started", _probe.Take());
        Assert.Same(three, _probe.Send());
        Assert.Same(two, _probe.Complete(2));
    }

    [Fact]
    public void Steps_that_were_sent_before_streams_broke_are_answered_before_layers_change_hands()
    {
        var two = _probe.Begin(2);
        _probe.Life.HandOver([_bob], [_dan]);
        _probe.Life.Heard(_dan, SampleOffers.Movable, _probe.Now);
        _probe.Life.StreamLost(ChainProbe.Epoch, isFirst: true, Reset, _probe.Now);
        _probe.Life.Probed(_probe.Life.Stages[0], lives: true, _probe.Now);
        _probe.Link();
        Assert.DoesNotContain("bob gives dan", _probe.Take());
        Assert.Same(two, _probe.Send());
        Assert.Same(two, _probe.Complete(2));
        Assert.Equal(["bob gives dan"], _probe.Take());
    }

    [Fact]
    public void Nothing_is_moved_between_stages_that_compute_otherwise()
    {
        _probe.Life.HandOver([_bob], [_dan]);
        _probe.Life.Heard(_dan, SampleOffers.Movable with { Numerics = new NumericIdentity(1, "cuda", "f16", "f32") }, _probe.Now);
        Assert.Equal(["bob Unload", "gone bob", "handed over", "unlink", "ada prepare 0", "dan prepare 1 fresh", "eve prepare 2"], _probe.Take());
    }

    /// <summary>The second stage keeps its first layer, and gives the others away.</summary>
    private void Share()
    {
        _dan = _probe.Create("dan", 3, 2);
        Assert.True(_probe.Life.HandOver([_bob], [_bob, _dan], new Dictionary<ChainStage, LayerRange> { [_bob] = new(2, 1) }));
        _probe.Life.Heard(_dan, SampleOffers.Movable, _probe.Now);
        Give();
    }

    private void Give() => _probe.Life.Heard(_bob, new ControlMessage.Giving(_probe.Life.Epoch), _probe.Now);

    private void Replace(int index, string node)
    {
        var lost = _probe.Life.Stages[index];
        _probe.Life.ControlLost(lost, Reset, _probe.Now);
        _probe.Life.Fill(lost, [_probe.Create(node, lost.Layers.First, lost.Layers.Count)], _probe.Now);
        _probe.Hear(index, SampleOffers.Movable);
    }
}
