using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Server.P2p.Heads;
using ManagedSwarm.Server.P2pApi;
using ManagedSwarm.Server.Pages.Swarm.State;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Stages;

namespace ManagedSwarm.Tests.Server.Pages.Swarm;

/// <summary>What the page shows, out of what a node knows.</summary>
public sealed class SwarmViewTests
{
    private static readonly string Hash = new('a', 64);

    [Fact]
    public void Is_off_without_a_swarm()
    {
        var state = SwarmView.Of(new() { Swarm = new(false, null, null, null, [], []) });

        Assert.Equal(SwarmPageState.Off, state);
    }

    [Fact]
    public void Shows_what_a_node_says_and_a_dash_for_what_nobody_has_measured()
    {
        var state = SwarmView.Of(Facts(Member("self", isSelf: true), Member("w0") with { RoundTripSeconds = 0.00123, Load = new(2, 1, 40), SecondsSinceSeen = 17.9 }));

        var (self, worker) = (state.Nodes[0], state.Nodes[1]);
        Assert.Equal(("this node", "now", null), (self.RoundTrip, self.Seen, self.TokensPerSecond));
        Assert.Equal(("1.23 ms", "17 s ago", (int?)40), (worker.RoundTrip, worker.Seen, worker.TokensPerSecond));
        Assert.Equal((2, 1, 25), (worker.InFlight, worker.Queued, worker.UsedPercent));
        Assert.Equal("—", (worker with { RoundTripMs = null }).RoundTrip);
    }

    [Fact]
    public void Two_looks_at_the_same_are_equal()
    {
        var facts = Facts(Member("self", isSelf: true), Member("w0") with { Layers = [new(Hash, 0, 4)] });

        Assert.Equal(SwarmView.Of(facts), SwarmView.Of(facts));
        Assert.NotEqual(SwarmView.Of(facts), SwarmView.Of(Facts(Member("self", isSelf: true), Member("w0") with { Layers = [new(Hash, 0, 3)] })));
    }

    [Fact]
    public void Draws_its_own_model_with_the_times_of_its_stages()
    {
        var split = new SplitBody(
            "f32", [new("id-self", "self", 0, 2, 0.001), new("id-w0", "w0", 2, 4, null)], 0.010, 0.012, 64, 0.5, [new("id-w1", "w1", true), new("id-w2", "w2", false)]);
        var facts = Facts(Member("self", isSelf: true), Member("w0") with { Layers = [new(Hash, 2, 4)] }) with
        {
            Model = "llama",
            Work = [Work("self", 10, computeMs: 20, wireMs: 0, bytes: 0), Work("w0", 10, computeMs: 30, wireMs: 5, bytes: 400)],
        };

        var state = SwarmView.Of(facts with { Swarm = facts.Swarm with { Split = split } });

        var pipeline = Assert.Single(state.Pipelines);
        Assert.Equal(("llama", 4, "f32"), (pipeline.Model, pipeline.LayerCount, pipeline.Wire));
        Assert.Equal([null, 0.5], pipeline.Stages.Select(stage => stage.HopMs));
        Assert.Equal([2.0, 3.0], pipeline.Stages.Select(stage => stage.ComputeMs!.Value));
        Assert.Equal(0.2, pipeline.Error!.Value, 9);
        Assert.Equal(["w1", "w2 (still fetching)"], pipeline.Spares!);
        Assert.Equal([new LayerSpan("llama", 0, 2, 4)], state.Nodes[0].Layers);
        Assert.Equal([new LayerSpan("llama", 2, 4, 4)], state.Nodes[1].Layers);
    }

    [Fact]
    public void Shows_no_times_where_no_step_was_made()
    {
        var split = new SplitBody("f32", [new("id-w0", "w0", 0, 4, null)], 0.010, null, null, null);
        var facts = Facts(Member("self", isSelf: true), Member("w0"));

        var stage = Assert.Single(Assert.Single(SwarmView.Of(facts with { Swarm = facts.Swarm with { Split = split } }).Pipelines).Stages);

        Assert.Equal((null, null, null), (stage.HopMs, stage.WaitMs, stage.ComputeMs));
    }

    [Fact]
    public void Draws_models_of_other_heads_by_what_records_say()
    {
        var state = SwarmView.Of(Facts(
            Member("self", isSelf: true),
            Member("w1") with { Layers = [new(Hash, 4, 8)] },
            Member("w0") with { Layers = [new(Hash, 0, 4)] },
            Member("head") with { Models = [new("theirs", Hash, 1)] },
            Member("gone") with { State = "lost", Layers = [new(Hash, 8, 9)] }));

        var pipeline = Assert.Single(state.Pipelines);
        Assert.Equal(("theirs", null, null), (pipeline.Model, pipeline.Head, pipeline.MeasuredMs));
        Assert.Equal(["w0", "w1"], pipeline.Stages.Select(stage => stage.Node));
    }

    [Fact]
    public void Shows_how_far_loads_are()
    {
        using var identity = Identity.Generate();
        var held = new HeldStage(
            default, "theirs", Hash, new LayerRange(0, 4), 100, identity.PeerId, StageState.Fetching, new(StageState.Fetching, 30, 120, 10));
        var state = SwarmView.Of(Facts(Member("self", isSelf: true)) with
        {
            Status = new(HeadState.Fetching, "w0", 0.42, TimeSpan.FromSeconds(3), "w0 is fetching weights: 42 %, 110 MB/s, 3 s left"),
            Held = [held],
        });

        Assert.Equal((42, "w0 is fetching weights: 42 %, 110 MB/s, 3 s left"), (Assert.Single(state.Loads).Percent!.Value, state.Loads[0].Text));
        var load = Assert.Single(state.Nodes[0].Loads);
        Assert.Equal(("theirs, layers 0–3", (int?)25), (load.What, load.Percent));
        Assert.Contains("9 s left", load.Text, StringComparison.Ordinal);
        Assert.Equal(["theirs"], state.Nodes[0].CanUnload);
    }

    [Fact]
    public void Shows_how_far_its_own_model_is_until_it_is_there()
    {
        var facts = Facts(Member("self", isSelf: true)) with { Loading = new(StageState.Loading, 10_000_000, 40_000_000, 10_000_000) };

        Assert.Equal(new("This node's model", "loading: 25 %, 10 MB/s, 3 s left", 25), Assert.Single(SwarmView.Of(facts).Loads));
        Assert.Empty(SwarmView.Of(facts with { Model = "llama" }).Loads);
    }

    [Fact]
    public void Only_workers_that_are_there_can_be_drained()
    {
        var state = SwarmView.Of(Facts(
            Member("self", isSelf: true),
            Member("w0"),
            Member("w1") with { State = "lost" },
            Member("instance") with { Roles = ["instance"] }));

        Assert.Equal(["w0"], state.Nodes.Where(node => node.CanDrain).Select(node => node.Name));
    }

    [Fact]
    public void Means_are_of_what_was_done_lately()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var recent = new RecentWork(time);
        Assert.Equal(2, MeanOf(recent.Update([Work("w0", 10, 20)])));

        time.Advance(RecentWork.Window);
        Assert.Equal(8, MeanOf(recent.Update([Work("w0", 20, 100)])));

        // Nothing was done since: what was known last is shown.
        time.Advance(RecentWork.Window);
        Assert.Equal(8, MeanOf(recent.Update([Work("w0", 20, 100)])));

        // Another stage.
        Assert.Equal(5, MeanOf(recent.Update([Work("w1", 2, 10)])));
        Assert.Empty(recent.Update([]));
    }

    private static double MeanOf(IReadOnlyList<StageWork> work) => Assert.Single(work).Compute.TotalMilliseconds / work[0].Steps;

    private static StageWork Work(string node, long steps, double computeMs, double wireMs = 0, long bytes = 0) =>
        new(node, "0..3", steps, TimeSpan.FromMilliseconds(computeMs), TimeSpan.Zero, TimeSpan.FromMilliseconds(wireMs), bytes);

    private static SwarmFacts Facts(params MemberBody[] members) => new() { Swarm = new(true, "0123456789abcdef", null, "id-self", [], members) };

    private static MemberBody Member(string name, bool isSelf = false) => new(
        $"id-{name}", name, "alive", isSelf, !isSelf, null, null, 0.4, DateTime.UnixEpoch, 1, "0.1.0", isSelf ? ["head"] : ["worker"], "cpu", 4, 16L << 30, 12L << 30,
        [], [], new(0, 0), []);
}
