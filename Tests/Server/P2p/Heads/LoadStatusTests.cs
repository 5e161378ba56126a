using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Server.P2p.Heads;
using ManagedSwarm.Transport.Stages;

namespace ManagedSwarm.Tests.Server.P2p.Heads;

public sealed class LoadStatusTests
{
    [Fact]
    public void Tells_of_the_node_that_is_furthest_behind_and_how_much_of_all_is_done()
    {
        var statuses = new List<HeadStatus>();
        var load = new LoadStatus(statuses.Add);
        load.Report(Progress("desk", StageState.Fetching, 50, rate: 10_000_000));
        load.Report(Progress("lap", StageState.Fetching, 20, rate: 20_000_000));
        load.Report(Progress("lap", StageState.Loading, 20, rate: 0));

        Assert.Equal(
            ["desk is fetching weights: 50 %, 10 MB/s, 5 s left", "lap is fetching weights: 20 %, 20 MB/s, 4 s left", "desk is fetching weights: 50 %, 10 MB/s, 5 s left"],
            statuses.Select(status => status.Message));
        Assert.Equal(["desk", "lap", "desk"], statuses.Select(status => status.Node));
        Assert.Equal([0.5, 0.35, 0.35], statuses.Select(status => status.Progress!.Value));
        Assert.Equal([5, 4, 5], statuses.Select(status => status.Remaining!.Value.TotalSeconds));
    }

    [Fact]
    public void Has_no_forecast_for_what_is_brought_into_memory()
    {
        HeadStatus? last = null;
        new LoadStatus(status => last = status).Report(Progress("desk", StageState.Loading, 30, rate: 0));
        Assert.Equal(new HeadStatus(HeadState.Loading, "desk", 0.3, null, "desk is loading: 30 %"), last);
    }

    [Fact]
    public void Tells_of_layers_that_are_lost_and_when_they_are_covered_again()
    {
        var states = new List<HeadState>();
        var load = new LoadStatus(status => states.Add(status.State));
        load.Report(Progress("desk", StageState.Running, 100, rate: 0));
        load.Report(Progress("lap", StageState.Running, 100, rate: 0));
        Assert.DoesNotContain(HeadState.Ready, states);
        load.Ready();
        load.Report(Progress("desk", StageState.Ended, 100, rate: 0));
        Assert.Equal([HeadState.Ready, HeadState.Waiting], states[^2..]);
        load.Report(Progress("desk", StageState.Fetching, 10, rate: 0));
        load.Report(Progress("lap", StageState.Ready, 100, rate: 0));
        load.Report(Progress("desk", StageState.Running, 100, rate: 0));
        Assert.DoesNotContain(HeadState.Ready, states[^3..]);
        load.Report(Progress("lap", StageState.Running, 100, rate: 0));
        Assert.Equal(HeadState.Ready, states[^1]);
    }

    private static ChainProgress Progress(string node, StageState state, int percent, long rate) =>
        new(0, node, new LayerRange(node == "desk" ? 0 : 1, 1), state, new(state, percent * 1_000_000L, 100_000_000, rate));
}
