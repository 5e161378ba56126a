using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Stages;
using ManagedSwarm.Transport.Stages.Control;
using ManagedSwarm.Transport.Stages.Lives;

namespace ManagedSwarm.Tests.Transport.Stages.Lives;

/// <summary>A head's chain that ends with the first of its stages, message by message.</summary>
public sealed class ChainLifeTests
{
    private static readonly StageFault Reset = new("stream_reset", "it was reset");

    private readonly ChainProbe _probe = new();

    [Fact]
    public void Connects_when_all_are_ready_and_prepared_and_starts_when_all_streams_are_open()
    {
        _probe.Hear(0, SampleOffers.Ready);
        _probe.Hear(2, SampleOffers.Ready);
        Assert.Empty(_probe.Take());
        _probe.Hear(1, SampleOffers.Ready);
        Assert.Equal(["unlink", "ada prepare 0 fresh", "bob prepare 1 fresh", "eve prepare 2 fresh"], _probe.Take());
        Assert.Equal("not_ready", _probe.Life.TryAttach(ChainProbe.Epoch, _probe.Now)?.Code);
        _probe.HearAll(new ControlMessage.Prepared(ChainProbe.Epoch, 100));
        Assert.Equal(["ada Connect", "bob Connect", "eve Connect", "open first"], _probe.Take());
        _probe.HearAll(new ControlMessage.Connected(ChainProbe.Epoch));
        Assert.Null(_probe.Life.TryAttach(ChainProbe.Epoch, _probe.Now));
        Assert.Equal("stream_taken", _probe.Life.TryAttach(ChainProbe.Epoch, _probe.Now)?.Code);
        Assert.Equal("not_ready", Assert.Throws<SwarmException>(() => _probe.Begin(1)).Code);
        _probe.Life.FirstOpened(ChainProbe.Epoch, _probe.Now);
        Assert.Equal(["started"], _probe.Take());
    }

    [Fact]
    public void A_refusal_keeps_its_code_and_names_the_node()
    {
        _probe.Hear(1, new ControlMessage.Ended("not_enough_memory", "needs 2 GiB"));
        Assert.Equal(["ada Unload", "bob Unload", "eve Unload", "over not_enough_memory []"], _probe.Take());
        Assert.Equal("stage 1 (layers 2..4 on bob): needs 2 GiB", _probe.Reason!.Message);
    }

    [Fact]
    public void Results_answer_the_oldest_step_or_end_the_chain()
    {
        _probe.Run();
        var (one, two) = (_probe.Begin(10), _probe.Begin(11));
        Assert.Same(one, _probe.Complete(10));
        Assert.Equal(10, _probe.Life.Answered);
        Assert.Same(two, _probe.Complete(11));
        _probe.Begin(12);
        _probe.Begin(13);
        Assert.Null(_probe.Complete(13));
        Assert.Equal("over stage_lost [12 13]", _probe.Take()[^1]);
        Assert.Contains("eve", _probe.Reason!.Message, StringComparison.Ordinal);
        Assert.Contains("answers step 13", _probe.Reason.Message, StringComparison.Ordinal);
        Assert.Null(_probe.Complete(12));
    }

    [Fact]
    public void A_result_of_another_epoch_ends_the_chain()
    {
        _probe.Run().Begin(1);
        Assert.Null(_probe.Life.Complete(1, ChainProbe.Epoch - 1, ChainProbe.Epoch, _probe.Now));
        Assert.Equal("over stage_lost [1]", _probe.Take()[^1]);
    }

    [Theory]
    [InlineData(0, 1, "bob")]
    [InlineData(1, 0, "ada")]
    [InlineData(2, 3, "eve")]
    [InlineData(0, 3, "ada")]
    [InlineData(0, -1, "ada")]
    [InlineData(1, int.MaxValue, "bob")]
    public void A_lost_stream_is_laid_to_the_worker_at_its_other_end(int from, int other, string node)
    {
        _probe.Run().Begin(77);
        _probe.Hear(from, new ControlMessage.Lost(ChainProbe.Epoch, other, "stream_reset", "it was reset"));
        Assert.Equal("over stage_lost [77]", _probe.Take()[^1]);
        Assert.Contains($"on {node}", _probe.Reason!.Message, StringComparison.Ordinal);
        Assert.Contains("step 77", _probe.Reason.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_silent_worker_is_lost_and_named_with_its_layers()
    {
        _probe.Run().Pass(3.85, silent: "bob");
        Assert.Empty(_probe.Take());
        _probe.Pass(0.2, silent: "bob");
        Assert.Equal("over stage_lost []", _probe.Take()[^1]);
        Assert.Contains("layers 2..4 on bob", _probe.Reason!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_step_that_takes_too_long_ends_the_chain()
    {
        _probe.Run().Begin(4);
        _probe.Complete(4);
        _probe.Begin(5);
        _probe.Pass(4.85);
        Assert.Empty(_probe.Take());
        _probe.Pass(0.2);
        Assert.Equal("over step_timeout [5]", _probe.Take()[^1]);
    }

    [Fact]
    public void A_load_may_take_for_ever_but_not_in_silence()
    {
        for (var i = 0; i < 100; i++)
        {
            _probe.Pass(29);
            _probe.HearAll(new ControlMessage.Progress(new StageProgress(StageState.Fetching, i, 1_000)));
        }

        Assert.Equal(ChainState.Loading, _probe.Life.State);
        _probe.Pass(30.1);
        Assert.Contains("load_stalled", _probe.Reason!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Streams_that_do_not_open_in_time_end_the_chain()
    {
        _probe.HearAll(SampleOffers.Ready);
        _probe.HearAll(new ControlMessage.Prepared(ChainProbe.Epoch, 100));
        _probe.Hear(0, new ControlMessage.Connected(ChainProbe.Epoch));
        _probe.Pass(15.1);
        Assert.Contains("on bob", _probe.Reason!.Message, StringComparison.Ordinal);
        Assert.Contains("link_timeout", _probe.Reason.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stage_that_does_not_take_its_place_in_time_ends_the_chain()
    {
        _probe.HearAll(SampleOffers.Ready);
        _probe.Hear(0, new ControlMessage.Prepared(ChainProbe.Epoch, 100));
        _probe.Hear(1, new ControlMessage.Prepared(ChainProbe.Epoch, 100));
        _probe.Pass(15.1);
        Assert.Contains("on eve", _probe.Reason!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cancelled_step_is_told_to_all_and_still_gets_its_answer()
    {
        var step = _probe.Run().Begin(3);
        _probe.Life.Cancel(step, _probe.Now);
        Assert.Equal(["ada Cancel", "bob Cancel", "eve Cancel"], _probe.Take());
        Assert.Same(step, _probe.Complete(3));
        _probe.Life.Cancel(step, _probe.Now);
        Assert.Empty(_probe.Take());
    }

    [Fact]
    public void Whatever_comes_behind_the_end_changes_nothing()
    {
        _probe.Run().Begin(1);
        _probe.Life.ControlLost(_probe.Life.Stages[0], Reset, _probe.Now);
        Assert.Equal(["ada Unload", "bob Unload", "eve Unload", "over stage_lost [1]"], _probe.Take());
        _probe.Life.ControlLost(_probe.Life.Stages[1], Reset, _probe.Now);
        _probe.Life.StreamLost(ChainProbe.Epoch, isFirst: false, Reset, _probe.Now);
        _probe.HearAll(new ControlMessage.Lost(ChainProbe.Epoch, 0, "a", "b"));
        _probe.Life.Close();
        _probe.Pass(100);
        Assert.Empty(_probe.Take());
        Assert.Equal("not_ready", _probe.Life.TryAttach(ChainProbe.Epoch, _probe.Now)?.Code);
        Assert.Equal("stage_lost", Assert.Throws<SwarmException>(() => _probe.Begin(2)).Code);
    }

    [Fact]
    public void A_worker_that_says_what_it_must_not_is_lost()
    {
        _probe.Run().Hear(1, SampleOffers.Ready);
        Assert.Contains("protocol_violation", _probe.Reason!.Message, StringComparison.Ordinal);
    }
}
