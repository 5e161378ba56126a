using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Tests.Transport.Diagnostics;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Stages;

namespace ManagedSwarm.Tests.Transport.Stages;

/// <summary>What a step of one token costs in bytes on the wire and in memory that is allocated. They run alone: others allocate, too.</summary>
[Trait("Tier", "Loopback")]
[Collection(Name)]
public sealed class StageTrafficTests
{
    public const string Name = "Stage traffic";

    private const int HiddenSize = 4_096;
    private const int Warm = 300;
    private const int Measured = 500;

    /// <summary>A seal's length and tag, which the meter does not see.</summary>
    private const int Seal = 18;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_takes_its_floats_and_little_more_of_each_hop()
    {
        using var meters = new SummedMeters();
        var metered = LocalPeerOptions.For(StageCluster.Token) with { Meters = meters };
        await using var one = await StageWorker.StartAsync(new ScriptedLoader(), peer: metered);
        await using var cluster = await StageCluster.StartAsync([new ScriptedLoader(), new ScriptedLoader()]);
        var plan = cluster.Plan(4, HiddenSize);
        plan = plan with { Stages = [plan.Stages[0] with { Worker = one.Address }, plan.Stages[1]] };
        await using var chain = await cluster.StartAsync(plan);
        await RunAsync(chain, 1, Warm);
        var (sent, received) = (meters["managedswarm.transport.io transmit"], meters["managedswarm.transport.io receive"]);
        await RunAsync(chain, Warm + 1, Measured);

        // Heartbeats and what the other direction acknowledges are counted, too.
        var most = (HiddenSize * sizeof(float)) + 128 - Seal;
        Assert.InRange((meters["managedswarm.transport.io transmit"] - sent) / (double)Measured, HiddenSize * sizeof(float), most);
        Assert.InRange((meters["managedswarm.transport.io receive"] - received) / (double)Measured, HiddenSize * sizeof(float), most);
    }

    [Fact]
    public async Task A_warm_step_allocates_little_at_all_its_nodes_together()
    {
        await using var cluster = await StageCluster.StartAsync([new ScriptedLoader(), new ScriptedLoader()]);
        await using var chain = await cluster.StartAsync(cluster.Plan(4, HiddenSize));
        await RunAsync(chain, 1, Warm);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await RunAsync(chain, Warm + 1, Measured);

        // Its hidden states alone have 16 KiB, at each of five places.
        Assert.InRange((GC.GetTotalAllocatedBytes(precise: true) - before) / Measured, 0, 6 << 10);
    }

    private static async Task RunAsync(StageChain chain, int first, int count)
    {
        var batch = new StepBatch(0, 0, [], [], HiddenSize);
        var segments = new Segment[1];
        for (var step = first; step < first + count; step++)
        {
            segments[0] = new Segment(1, step, 1);
            batch.Reset(step, 0, [], segments);
            batch.Hidden.Span.Fill(step);
            batch = await chain.StepAsync(batch, Cancellation);
            Assert.Equal(step + 1 + 1, batch.Hidden.Span[HiddenSize - 1]);
        }

        batch.Dispose();
    }
}

/// <summary>The collection of <see cref="StageTrafficTests"/>.</summary>
[CollectionDefinition(StageTrafficTests.Name, DisableParallelization = true)]
public sealed class StageTraffic;
