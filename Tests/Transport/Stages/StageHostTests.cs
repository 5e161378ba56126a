using ManagedSwarm.Tests.Transport.Libp2p;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Stages;
using ManagedSwarm.Transport.Stages.Control;
using ManagedSwarm.Transport.Stages.Links;

namespace ManagedSwarm.Tests.Transport.Stages;

/// <summary>What a worker takes, and what it refuses, from whomever.</summary>
[Trait("Tier", "Loopback")]
public sealed class StageHostTests
{
    private const int HiddenSize = 8;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Says_what_it_holds_for_whom()
    {
        var changes = 0;
        await using var cluster = await StageCluster.StartAsync([new ScriptedLoader()], memory: 1_000);
        var host = cluster.Workers[0].Host!;
        host.Changed += () => Interlocked.Increment(ref changes);
        await using var chain = await cluster.StartAsync(cluster.Plan(3, HiddenSize));
        var held = Assert.Single(host.Stages);
        Assert.Equal((chain.Plan, "tales", SampleOffers.Hash, 600, cluster.Head.Test.Id), (held.Plan, held.ModelName, held.ModelHash, held.MemoryBytes, held.Head));
        Assert.Equal((SampleOffers.Hash, 0, 3), Assert.Single(host.Layers) is var layers ? (layers.ModelHash, layers.First, layers.End) : default);
        Assert.Equal((600, 1_000), (host.ReservedBytes, host.MemoryLimit));
        Assert.InRange(Volatile.Read(ref changes), 3, int.MaxValue);
    }

    [Fact]
    public async Task Two_heads_that_ask_for_more_than_there_is_the_second_is_refused_and_told_why()
    {
        await using var cluster = await StageCluster.StartAsync([new ScriptedLoader()], memory: 1_000);
        await using var other = await StageWorker.StartAsync();
        var first = await cluster.StartAsync(cluster.Plan(2, HiddenSize));
        var refusal = await Assert.ThrowsAsync<SwarmException>(
            () => StageChain.StartAsync(other.Node, cluster.Plan(2, HiddenSize) with { ModelName = "other" }, cancellationToken: Cancellation));
        Assert.Equal("not_enough_memory", refusal.Code);
        Assert.Contains("on node0", refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"layers 0..1 of 'tales' for {cluster.Head.Test.Id}", refusal.Message, StringComparison.Ordinal);

        // The first one goes on, and what it gives back is there for the second.
        Assert.Null(first.Failure);
        await first.DisposeAsync();
        await cluster.Workers[0].FreeAsync();
        await using var second = await StageChain.StartAsync(other.Node, cluster.Plan(2, HiddenSize), cancellationToken: Cancellation);
    }

    [Fact]
    public async Task Several_heads_have_their_stages_at_once()
    {
        await using var cluster = await StageCluster.StartAsync([new ScriptedLoader(), new ScriptedLoader()]);
        await using var other = await StageWorker.StartAsync();
        await using var one = await cluster.StartAsync(cluster.Plan(4, HiddenSize));
        await using var two = await cluster.StartAsync(cluster.Plan(2, HiddenSize) with { ModelName = "two" });
        await using var three = await StageChain.StartAsync(other.Node, cluster.Plan(2, HiddenSize), cancellationToken: Cancellation);
        foreach (var chain in (StageChain[])[one, two, three])
        {
            var found = await StepScript.RunAsync(chain, 3, HiddenSize, 20, 3);
            var expected = new StepScript(3, HiddenSize);
            Assert.All(found, states => Assert.Equal(expected.Next().Hidden.ToArray().Select(value => value + 1 + 1), states));
        }

        Assert.All(cluster.Workers, worker => Assert.Equal(3, worker.Host!.Stages.Count));
    }

    [Fact]
    public async Task What_a_loader_refuses_or_fails_with_comes_to_the_head()
    {
        var refusing = new ScriptedLoader { Refusal = new("invalid_manifest", "no such tensors") };
        var failing = new ScriptedLoader { Failure = new("disk_full", "4 bytes left") };
        foreach (var loader in (ScriptedLoader[])[refusing, failing])
        {
            await using var cluster = await StageCluster.StartAsync([new ScriptedLoader(), loader]);
            var refusal = await Assert.ThrowsAsync<SwarmException>(() => cluster.StartAsync(cluster.Plan(2, HiddenSize)));
            Assert.Equal((loader.Refusal ?? loader.Failure)!.Code, refusal.Code);
            Assert.Contains("on node1", refusal.Message, StringComparison.Ordinal);
            await Task.WhenAll(cluster.Workers.Select(worker => worker.FreeAsync()));
        }
    }

    [Fact]
    public async Task Another_way_to_compute_is_a_warning()
    {
        await using var cluster = await StageCluster.StartAsync(
            [new ScriptedLoader(), new ScriptedLoader { Numerics = new(1, "cpu-arm64", "f16", "f32") }]);
        await using var chain = await cluster.StartAsync(cluster.Plan(2, HiddenSize));
        Assert.Contains("bit-exactness is not promised: node1", Assert.Single(chain.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Absurd_offers_are_refused_before_anything_is_looked_at()
    {
        var loader = new ScriptedLoader();
        await using var cluster = await StageCluster.StartAsync([loader]);
        var good = SampleOffers.Create(0, 1);
        StageOffer[] offers =
        [
            good with { Layers = new(int.MaxValue, int.MaxValue) },
            good with { KvCache = good.KvCache with { CapacityTokens = int.MaxValue } },
        ];
        foreach (var offer in offers)
        {
            Assert.Equal("invalid_offer", (await SayAsync(cluster, new ControlMessage.Offer(offer))).Code);
        }

        Assert.Equal("protocol_violation", (await SayAsync(cluster, new ControlMessage.Connect(0))).Code);
        Assert.Equal(0, loader.Examined);
        await cluster.Workers[0].FreeAsync();
    }

    [Fact]
    public async Task Streams_of_steps_that_nobody_expects_are_refused()
    {
        await using var cluster = await StageCluster.StartAsync([new ScriptedLoader()]);
        await using var chain = await cluster.StartAsync(cluster.Plan(2, HiddenSize));
        await using var stranger = await StageWorker.StartAsync();
        var worker = cluster.Workers[0].Address;
        await RefusedAsync(cluster.Head, new Attachment(PlanId.Create(), 0, 0), "unknown_plan");
        await RefusedAsync(cluster.Head, new Attachment(chain.Plan, 0, 1), "unknown_plan");
        await RefusedAsync(cluster.Head, new Attachment(chain.Plan, 1, 0), "wrong_epoch");
        await RefusedAsync(cluster.Head, new Attachment(chain.Plan, 0, 0), "stream_taken");
        await RefusedAsync(stranger, new Attachment(chain.Plan, 0, 0), "unknown_plan");
        await StepScript.RunAsync(chain, 1, HiddenSize, 3, 1);

        async Task RefusedAsync(StageWorker from, Attachment target, string code) =>
            Assert.Equal(code, (await Assert.ThrowsAsync<SwarmException>(() => from.Node.Dialer.AttachAsync(worker, target, Cancellation))).Code);
    }

    [Fact]
    public async Task A_worker_of_another_version_is_named_with_both()
    {
        await using var cluster = await StageCluster.StartAsync([]);
        await using var worker = await TestPeer.StartAsync(LocalPeerOptions.For(StageCluster.Token));
        var plan = (await PlanForAsync(cluster, worker)) with { };
        Assert.Equal("not_served", (await Assert.ThrowsAsync<SwarmException>(() => cluster.StartAsync(plan))).Code);

        await using var listener = worker.Peer.Listen(StageProtocols.Id(StageCluster.Keys, StageProtocols.Control));
        var answering = AnswerAsync(listener);
        var mismatch = await Assert.ThrowsAsync<SwarmException>(() => cluster.StartAsync(plan));
        Assert.Equal("version_mismatch", mismatch.Code);
        foreach (var part in (string[])["node0", "version 2.7", "1.0"])
        {
            Assert.Contains(part, mismatch.Message, StringComparison.Ordinal);
        }

        await answering;
    }

    [Fact]
    public async Task A_worker_of_a_later_protocol_is_named_with_both()
    {
        await using var cluster = await StageCluster.StartAsync([]);
        await using var worker = await TestPeer.StartAsync(LocalPeerOptions.For(StageCluster.Token));
        await using var listener = worker.Peer.Listen(StageCluster.Keys.ProtocolId("control/2.0.0"));
        var plan = await PlanForAsync(cluster, worker);
        var mismatch = await Assert.ThrowsAsync<SwarmException>(() => cluster.StartAsync(plan));
        Assert.Equal("version_mismatch", mismatch.Code);
        Assert.Contains("version 2.0.0", mismatch.Message, StringComparison.Ordinal);
        Assert.Contains("this side speaks 1.0", mismatch.Message, StringComparison.Ordinal);
    }

    private static async Task AnswerAsync(IStreamListener listener)
    {
        await using var link = new StageLink((await listener.AcceptAsync(Cancellation))!);
        await Assert.ThrowsAsync<SwarmException>(() => link.GreetAsync(StageProtocols.Control with { Major = 2, Minor = 7 }, Cancellation));
        await link.FinishAsync(Cancellation);
    }

    private static async Task<ChainPlan> PlanForAsync(StageCluster cluster, TestPeer worker)
    {
        await using var model = await StageCluster.StartAsync([new ScriptedLoader()]);
        var plan = model.Plan(2, HiddenSize);
        Assert.NotEqual(cluster.Head.Test.Id, worker.Id);
        return plan with { Stages = [plan.Stages[0] with { Worker = new StagePeer(worker.Id, [worker.Address]) }] };
    }

    /// <summary>Says something on a new control stream, and hears the last word.</summary>
    private static async Task<ControlMessage.Ended> SayAsync(StageCluster cluster, ControlMessage message)
    {
        await using var link = await cluster.Head.Node.Dialer.OpenControlAsync(cluster.Workers[0].Address, Cancellation);
        ControlCodec.Write(link.Writer, message);
        await link.Writer.FlushAsync(Cancellation);
        var answer = await link.ReadAsync(ControlLimits.Small, static (in frame) => ControlCodec.Read(frame, ControlLimits.Small), Cancellation);
        await link.FinishAsync(Cancellation);
        return Assert.IsType<ControlMessage.Ended>(answer);
    }
}
