using ManagedSwarm.Tests.Transport.Libp2p;
using ManagedSwarm.Transport.Stages;

namespace ManagedSwarm.Tests.Transport.Stages;

/// <summary>A head and a worker that only fetches: how it begins and all the ways in which it ends.</summary>
[Trait("Tier", "Loopback")]
public sealed class StageStandbyTests
{
    private static readonly StageOffer Offer = SampleOffers.Create(0, 1) with { IsStandby = true };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Is_ready_when_the_weights_are_there_takes_no_memory_and_is_let_go()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var loader = new ScriptedLoader { Gate = gate.Task };
        await using var cluster = await StageCluster.StartAsync([loader], memory: 0);
        var host = cluster.Workers[0].Host!;
        await using (var standby = Start(cluster))
        {
            await TestPeer.UntilAsync(() => host.Stages is [{ Progress.BytesDone: 1 }]);
            Assert.False(standby.Ready.IsCompleted);
            gate.SetResult();
            await standby.Ready.WaitAsync(Cancellation);
            var held = Assert.Single(host.Stages);
            Assert.Equal((true, StageState.Ready, 0, Offer.Layers), (held.IsStandby, held.State, held.MemoryBytes, held.Layers));
            Assert.Empty(host.Layers);
            Assert.Equal((0, 1), (host.ReservedBytes, loader.Kept));
            Assert.Empty(loader.Stages);
            Assert.Null(standby.Failure);
        }

        await cluster.Workers[0].FreeAsync();
        Assert.Equal(0, loader.Kept);
    }

    [Fact]
    public async Task Ends_when_the_worker_unloads_the_model()
    {
        var loader = new ScriptedLoader();
        await using var cluster = await StageCluster.StartAsync([loader]);
        await using var standby = await StartReadyAsync(cluster);
        Assert.Equal(1, await cluster.Workers[0].Host!.UnloadAsync(Offer.ModelName, Cancellation));
        await standby.Over.WaitAsync(Cancellation);
        Assert.Equal("unloaded", standby.Failure?.Code);
        Assert.Equal(0, loader.Kept);
    }

    [Fact]
    public async Task Ends_when_the_worker_leaves_and_nothing_is_handed_over()
    {
        await using var cluster = await StageCluster.StartAsync([new ScriptedLoader()]);
        await using var standby = await StartReadyAsync(cluster);
        Assert.True(await cluster.Workers[0].Host!.HandOverAsync(TimeSpan.FromMinutes(1), Cancellation));
        await standby.Over.WaitAsync(Cancellation);
        Assert.Equal("worker_leaving", standby.Failure?.Code);
    }

    [Fact]
    public async Task Ends_when_the_worker_dies()
    {
        await using var cluster = await StageCluster.StartAsync([new ScriptedLoader()]);
        await using var standby = await StartReadyAsync(cluster);
        await cluster.Workers[0].DieAsync();
        await standby.Over.WaitAsync(Cancellation);
    }

    [Fact]
    public async Task The_worker_forgets_it_when_the_head_dies()
    {
        var loader = new ScriptedLoader();
        await using var cluster = await StageCluster.StartAsync([loader]);
        await using var standby = await StartReadyAsync(cluster);
        await cluster.Head.DieAsync();
        await cluster.Workers[0].FreeAsync();
        Assert.Equal(0, loader.Kept);
    }

    [Fact]
    public async Task Says_why_the_worker_refuses_or_fails()
    {
        var refusing = new ScriptedLoader { Refusal = new("invalid_manifest", "no such tensors") };
        var failing = new ScriptedLoader { Failure = new("disk_full", "4 bytes left") };
        await using var cluster = await StageCluster.StartAsync([refusing, failing]);
        for (var worker = 0; worker < 2; worker++)
        {
            await using var standby = Start(cluster, worker);
            await standby.Over.WaitAsync(Cancellation);
            Assert.Equal(worker == 0 ? "invalid_manifest" : "disk_full", standby.Failure?.Code);
            Assert.False(standby.Ready.IsCompleted);
        }

        await using var nobody = new StageStandby(cluster.Workers[0].Node, cluster.Head.Address, Offer);
        await nobody.Over.WaitAsync(Cancellation);
        Assert.Equal("not_served", nobody.Failure?.Code);
    }

    [Fact]
    public async Task Is_let_go_of_while_the_weights_are_on_their_way()
    {
        var loader = new ScriptedLoader { Gate = new TaskCompletionSource().Task };
        await using var cluster = await StageCluster.StartAsync([loader]);
        await using (Start(cluster))
        {
            await TestPeer.UntilAsync(() => cluster.Workers[0].Host!.Stages.Count == 1);
        }

        await cluster.Workers[0].FreeAsync();
    }

    private static StageStandby Start(StageCluster cluster, int worker = 0) => new(cluster.Head.Node, cluster.Workers[worker].Address, Offer);

    private static async Task<StageStandby> StartReadyAsync(StageCluster cluster)
    {
        var standby = Start(cluster);
        await standby.Ready.WaitAsync(Cancellation);
        return standby;
    }
}
