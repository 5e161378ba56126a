using ManagedSwarm.Engine.Devices;
using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Gguf;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Stages;

namespace ManagedSwarm.Tests.Transport.Stages.Moves;

/// <summary>Layers that go from worker to worker with their keys and values while steps go through: the results are those of one stage.</summary>
[Trait("Tier", "Loopback")]
public sealed class StageMoveTests
{
    private const int HiddenSize = 4;
    private const int Layers = 6;
    private const int Steps = 60;
    private const int Seed = 8;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nobody_computes_a_token_twice_and_who_keeps_layers_keeps_its_stage()
    {
        HistoryLoader[] loaders = [new(), new(), new()];
        await using var cluster = await StageCluster.StartAsync(loaders, StageCluster.Patient);
        await using var chain = await StartAsync(cluster, (0, 6));
        await CheckAsync(chain, new()
        {
            [15] = () => RearrangeAsync(cluster, chain, (0, 3), (1, 3)),
            [30] = () => RearrangeAsync(cluster, chain, (0, 2), (1, 2), (2, 2)),
            [45] = () => RearrangeAsync(cluster, chain, (2, 4), (0, 2)),
        });

        // The first one has kept its stage once, and got another one in the end; the second takes layer 3 from itself.
        Assert.Equal([2, 2, 2], loaders.Select(loader => loader.Stages.Count));
        Assert.All(loaders.SelectMany(loader => loader.Stages).Skip(1), stage => Assert.InRange(stage.Adopted, 1, int.MaxValue));
        var alone = new HistoryStage(new LayerRange(0, Layers));
        await StepScript.RunAsync(alone, Seed, HiddenSize, Steps, 1);

        // Each token has gone through the first layer once: it was at the first worker, and then at the third.
        Assert.Equal(alone.Tokens, loaders[0].Stages[0].Tokens + loaders[2].Stages[1].Tokens);
    }

    [Fact]
    public async Task A_worker_that_leaves_gives_all_that_it_has()
    {
        HistoryLoader[] loaders = [new(), new(), new()];
        await using var cluster = await StageCluster.StartAsync(loaders, StageCluster.Patient);
        await using var chain = await StartAsync(cluster, new SparePlaces([cluster.Workers[2]]), (0, 3), (1, 3));
        var leaving = Task.CompletedTask;
        await CheckAsync(chain, new()
        {
            [20] = async () =>
            {
                leaving = chain.ReplaceAsync(cluster.Workers[0].Address.Id, Cancellation);
                await leaving;
            },
        });
        await cluster.Workers[0].FreeAsync();
        Assert.InRange(loaders[2].Stages[0].Adopted, 1, int.MaxValue);
        Assert.Equal(loaders[1].Stages[0].Tokens, loaders[0].Stages[0].Tokens + loaders[2].Stages[0].Tokens);
    }

    [Fact]
    public async Task What_a_worker_gives_away_is_free_for_others()
    {
        await using var cluster = await StageCluster.StartAsync([new HistoryLoader(), new HistoryLoader()], StageCluster.Patient, memory: 150_000);
        await using var chain = await StartAsync(cluster, (0, 6));
        var before = cluster.Workers[0].Host!.ReservedBytes;
        await CheckAsync(chain, new() { [20] = () => RearrangeAsync(cluster, chain, (0, 3), (1, 3)) });
        var stage = Assert.Single(cluster.Workers[0].Host!.Stages);
        Assert.Equal(new LayerRange(0, 3), stage.Layers);
        Assert.Equal(before - 60, stage.MemoryBytes);
        Assert.Equal(stage.MemoryBytes, cluster.Workers[0].Host!.ReservedBytes);
        Assert.Equal(stage.MemoryBytes, chain.Statistics[0].MemoryBytes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_worker_that_dies_while_blocks_are_on_their_way_changes_no_result(bool isGiver)
    {
        var struck = 0;
        StageCluster? cluster = null;
        void Strike()
        {
            if (Interlocked.Exchange(ref struck, 1) == 0)
            {
                Assert.True(cluster!.Workers[isGiver ? 0 : 1].DieAsync().AsTask().Wait(TimeSpan.FromMinutes(1)));
            }
        }

        HistoryLoader[] loaders = [new(), new() { Made = stage => stage.Writing = Strike }, new(), new()];
        await using var disposed = cluster = await StageCluster.StartAsync(loaders, StageCluster.Patient);
        await using var chain = await StartAsync(cluster, new SparePlaces([cluster.Workers[2]], [cluster.Workers[3]]), (0, 6));
        await CheckAsync(chain, new() { [20] = () => RearrangeAsync(cluster, chain, (0, 3), (1, 3)) });
        Assert.Equal(1, struck);
        Assert.Contains("spare", chain.Stages.Select(stage => stage.Node));
    }

    [Fact]
    public async Task Stages_that_compute_otherwise_are_told_all_anew()
    {
        HistoryLoader[] loaders = [new(), new() { Numerics = new NumericIdentity(2, "cpu-x64", "f16", "f32") }];
        await using var cluster = await StageCluster.StartAsync(loaders, StageCluster.Patient);
        await using var chain = await StartAsync(cluster, (0, 6));
        await CheckAsync(chain, new() { [20] = () => RearrangeAsync(cluster, chain, (0, 3), (1, 3)) });
        Assert.Equal(0, loaders[1].Stages[0].Adopted);
    }

    [Theory]
    [InlineData(KvType.F16)]
    [InlineData(KvType.F32)]
    [InlineData(KvType.Q8_0)]
    public async Task A_real_models_layers_give_the_bits_of_one_stage_wherever_they_go(KvType type)
    {
        var path = TinyModels.PathOf(TinyModels.Names.First());
        using var device = new CpuDevice(1, KernelKind.Fast);
        using var file = GgufFile.Open(path);
        var weights = new ModelWeights(file);
        var kv = new KvCacheOptions { Type = type, CapacityTokens = 2_048 };
        await using var alone = device.CreateStage(weights, new LayerRange(0, TinyModels.LayerCount), kv);
        await using var cluster = await StageCluster.StartAsync(
            [.. Enumerable.Range(0, 3).Select(_ => new GgufStageLoader(path, device))], StageCluster.Patient);
        var plan = cluster.Plan(TinyModels.LayerCount, weights.Config.HiddenSize) with
        {
            KvCache = kv,
            LoggedTokens = 4_096,
            Stages = Places(cluster, (0, TinyModels.LayerCount)),
        };
        await using var chain = await StageChain.StartAsync(cluster.Head.Node, plan, places: new SparePlaces(), cancellationToken: Cancellation);
        await CheckAsync(alone, chain, weights.Config.HiddenSize, new()
        {
            [15] = () => RearrangeAsync(cluster, chain, (0, 2), (1, 2)),
            [30] = () => RearrangeAsync(cluster, chain, (2, 1), (0, 1), (1, 2)),
            [45] = () => RearrangeAsync(cluster, chain, (2, 4)),
        });
    }

    private static Task<StageChain> StartAsync(StageCluster cluster, params (int Worker, int Layers)[] places) =>
        StartAsync(cluster, new SparePlaces(), places);

    private static Task<StageChain> StartAsync(StageCluster cluster, IStagePlaces spares, params (int Worker, int Layers)[] places) =>
        StageChain.StartAsync(
            cluster.Head.Node,
            cluster.Plan(Layers, HiddenSize) with { LoggedTokens = 4_096, Stages = Places(cluster, places) },
            places: spares,
            cancellationToken: Cancellation);

    private static async ValueTask RearrangeAsync(StageCluster cluster, StageChain chain, params (int Worker, int Layers)[] places) =>
        Assert.True(await chain.RearrangeAsync(Places(cluster, places), Cancellation));

    private static StageAssignment[] Places(StageCluster cluster, params (int Worker, int Layers)[] places)
    {
        var first = 0;
        var stages = new List<StageAssignment>();
        foreach (var (worker, layers) in places)
        {
            stages.Add(new() { Worker = cluster.Workers[worker].Address, Node = $"node{worker}", Layers = new LayerRange(first, layers) });
            first += layers;
        }

        return [.. stages];
    }

    private static Task CheckAsync(StageChain chain, Dictionary<int, Func<ValueTask>> happens) =>
        CheckAsync(new HistoryStage(new LayerRange(0, Layers)), chain, HiddenSize, happens);

    /// <summary>Sends steps, several in flight, lets things happen before some of them, and compares the results with those of one stage.</summary>
    private static async Task CheckAsync(IStage alone, StageChain chain, int hiddenSize, Dictionary<int, Func<ValueTask>> happens)
    {
        var expected = await StepScript.RunAsync(alone, Seed, hiddenSize, Steps, 1);
        var found = await StepScript.RunAsync(chain, Seed, hiddenSize, Steps, 4, happens);
        for (var step = 0; step < Steps; step++)
        {
            Assert.True(expected[step].AsSpan().SequenceEqual(found[step]), $"step {step + 1} differs");
        }
    }
}
