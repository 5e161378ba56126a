using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Server.P2p.Workers;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Stages;

namespace ManagedSwarm.Tests.Server.P2p.Workers;

public sealed class HeldStagesLogTests
{
    private static readonly PeerId Head = NewId();

    private readonly HeldStagesLog _log = new(id => id == Head ? "desk" : "nobody");
    private readonly HeldStage _stage = new(
        PlanId.Create(), "tales", "abc", new LayerRange(4, 4), 1000, Head, StageState.Fetching, new(StageState.Fetching, 0, 0));

    private TimeSpan _now;

    [Fact]
    public void Tells_a_stage_s_story_in_few_lines()
    {
        Assert.Equal(["Taking layers 4..7 of tales for desk"], Update(_stage));
        Assert.Equal(["layers 4..7 of tales: fetching weights: 10 %, 50 MB/s, 18 s left"], Update(At(StageState.Fetching, 10, rate: 50)));
        Assert.Equal([], Update(At(StageState.Fetching, 20, rate: 50)));
        _now += HeldStagesLog.Interval;
        Assert.Equal(["layers 4..7 of tales: fetching weights: 30 %, 100 MB/s, 7 s left"], Update(At(StageState.Fetching, 30, rate: 100)));
        Assert.Equal(["layers 4..7 of tales: loading: 1 %"], Update(At(StageState.Loading, 1)));
        Assert.Equal([], Update(At(StageState.Loading, 99)));
        Assert.Equal([], Update(At(StageState.Ready, 100)));
        Assert.Equal(["Serving layers 4..7 of tales for desk"], Update(At(StageState.Running, 100)));
        Assert.Equal([], Update(At(StageState.Running, 100)));
        Assert.Equal([], Update(At(StageState.Broken, 100)));
        Assert.Equal(["Freed layers 4..7 of tales"], Update(At(StageState.Ended, 100)));
        Assert.Equal([], Update());
    }

    [Fact]
    public void Tells_a_standby_from_a_stage()
    {
        Assert.Equal(["A spare of desk for layers 4..7 of tales"], Update(Standby(At(StageState.Fetching, 0) with { Progress = _stage.Progress })));
        Assert.Equal(["layers 4..7 of tales: fetching weights: 10 %"], Update(Standby(At(StageState.Fetching, 10))));
        Assert.Equal(["Keeping the weights of layers 4..7 of tales for desk"], Update(Standby(At(StageState.Ready, 100))));
        Assert.Equal([], Update(Standby(At(StageState.Ready, 100))));
        Assert.Equal(["No spare for layers 4..7 of tales any more"], Update());

        static HeldStage Standby(HeldStage stage) => stage with { IsStandby = true };
    }

    [Fact]
    public void Tells_stages_apart()
    {
        var other = _stage with { Plan = PlanId.Create(), ModelName = "story" };
        Assert.Equal(["Taking layers 4..7 of tales for desk", "Taking layers 4..7 of story for desk"], Update(_stage, other));
        Assert.Equal(["Freed layers 4..7 of tales"], Update(other));
    }

    [Fact]
    public void Takes_two_stages_that_a_head_makes_alike_for_one() =>
        Assert.Equal(["Taking layers 4..7 of tales for desk"], Update(_stage, _stage));

    [Fact]
    public void Tells_progress_from_the_rest()
    {
        Assert.False(Assert.Single(_log.Update([_stage], _now)).IsProgress);
        Assert.True(Assert.Single(_log.Update([At(StageState.Fetching, 10)], _now)).IsProgress);
    }

    private static PeerId NewId()
    {
        using var identity = Identity.Generate();
        return identity.PeerId;
    }

    private IEnumerable<string> Update(params HeldStage[] stages) => _log.Update(stages, _now).Select(line => line.Text);

    private HeldStage At(StageState state, int percent, int rate = 0) => _stage with
    {
        State = state,
        Progress = new(state, percent * 10_000_000L, 1_000_000_000, rate * 1_000_000L),
    };
}
