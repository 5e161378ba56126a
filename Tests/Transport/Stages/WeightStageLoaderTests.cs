using ManagedSwarm.Engine.Devices;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Gguf;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Stages;
using ManagedSwarm.Transport.Weights;

namespace ManagedSwarm.Tests.Transport.Stages;

/// <summary>Workers without a model file fetch what their layers need, once, and compute what the head would.</summary>
[Trait("Tier", "Loopback")]
public sealed class WeightStageLoaderTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly GgufFile _file = GgufFile.Open(Repository.File("models-test/tales.q8_0.gguf"));
    private readonly ModelConfig _config;
    private readonly string _hash;
    private readonly PieceHashes _pieces;

    public WeightStageLoaderTests()
    {
        _config = ModelConfig.FromMetadata(_file.Metadata);
        _hash = ModelIdentity.Compute(_file).Hash;
        _pieces = PieceHashes.Compute(_file);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync()
    {
        _file.Dispose();
        _folder.Dispose();
        return default;
    }

    [Fact]
    public async Task Fetches_weights_once_and_computes_the_bits_of_one_stage()
    {
        using var device = new CpuDevice(threads: 1);
        await using var local = device.CreateStage(new ModelWeights(_file), new LayerRange(0, _config.LayerCount), new KvCacheOptions { CapacityTokens = 2_048 });
        var expected = await StepScript.RunAsync(local, 9, _config.HiddenSize, 30, 1);
        await using var head = await StageWorker.StartAsync();
        await using var server = new WeightServer(head.Test.Peer, StageCluster.Keys);
        using var served = server.Serve(_file, _pieces);
        var sent = new List<long>();
        for (var start = 0; start < 2; start++)
        {
            await using var one = await FetchingWorker.StartAsync(_folder.File("one"));
            await using var two = await FetchingWorker.StartAsync(_folder.File("two"));
            var plan = Plan(head, one, two);
            await using var chain = await StageChain.StartAsync(head.Node, plan, cancellationToken: Cancellation);
            var found = await StepScript.RunAsync(chain, 9, _config.HiddenSize, 30, 3);
            Assert.All(expected.Zip(found), pair => Assert.True(pair.First.AsSpan().SequenceEqual(pair.Second)));
            Assert.All(chain.Statistics, stage => Assert.InRange(stage.PerLayer, TimeSpan.FromTicks(1), TimeSpan.FromMinutes(1)));
            Assert.InRange(chain.Statistics[0].MemoryBytes, plan.Stages[0].Manifest.Length, 1L << 30);
            sent.Add(server.BytesSent);
        }

        Assert.InRange(sent[0], 1, _file.Tensors.Sum(tensor => tensor.ByteLength));
        Assert.Equal(sent[0], sent[1]);
    }

    [Fact]
    public async Task Refuses_what_its_manifest_does_not_say()
    {
        await using var worker = await FetchingWorker.StartAsync(_folder.File("cache"));
        var good = Offer(new LayerRange(0, 2));
        Assert.Equal(_config.HiddenSize, worker.Loader.Examine(good).HiddenSize);
        StageOffer[] bad =
        [
            good with { ModelHash = new string('b', 64) },
            good with { LayerCount = _config.LayerCount + 1 },
            good with { Layers = new LayerRange(1, 2) },
        ];
        Assert.All(bad, offer => Assert.Equal("invalid_offer", Assert.Throws<SwarmException>(() => worker.Loader.Examine(offer)).Code));
        var nonsense = good with { Manifest = new byte[] { 1, 2, 3 } };
        Assert.Equal("invalid_manifest", Assert.Throws<SwarmException>(() => worker.Loader.Examine(nonsense)).Code);
    }

    [Fact]
    public async Task A_standby_fetches_once_and_the_layers_are_loaded_from_what_it_has()
    {
        await using var head = await StageWorker.StartAsync();
        await using var server = new WeightServer(head.Test.Peer, StageCluster.Keys);
        using var served = server.Serve(_file, _pieces);
        await using var one = await FetchingWorker.StartAsync(_folder.File("one"));
        await using var two = await FetchingWorker.StartAsync(_folder.File("two"));
        var plan = Plan(head, one, two);
        await using var first = new StageStandby(head.Node, one.Address, Standby(plan, 0));
        await using var second = new StageStandby(head.Node, two.Address, Standby(plan, 1));
        await Task.WhenAll(first.Ready, second.Ready).WaitAsync(Cancellation);
        var sent = server.BytesSent;
        Assert.InRange(sent, 1, _file.Tensors.Sum(tensor => tensor.ByteLength));
        Assert.All([one, two], worker => Assert.Equal(0, worker.ReservedBytes));

        await using var chain = await StageChain.StartAsync(head.Node, plan, cancellationToken: Cancellation);
        Assert.Equal(sent, server.BytesSent);
        Assert.All([one, two], worker => Assert.NotEqual(0, worker.ReservedBytes));
        Assert.Null(first.Failure);
    }

    [Fact]
    public async Task A_cache_of_keys_and_values_that_overflows_is_more_than_any_worker_has()
    {
        await using var worker = await FetchingWorker.StartAsync(_folder.File("cache"));
        var small = worker.Loader.Examine(Offer(new LayerRange(0, 1))).MemoryBytes;
        var large = Offer(new LayerRange(0, 1)) with { KvCache = new KvCacheOptions { CapacityTokens = int.MaxValue, Type = KvType.F32, BlockLength = 1 } };
        Assert.InRange(worker.Loader.Examine(large).MemoryBytes, small + ((long)int.MaxValue * 2 * sizeof(float)), long.MaxValue);
    }

    private StageOffer Offer(LayerRange layers) => SampleOffers.Create(0, 1) with
    {
        ModelHash = _hash,
        Layers = layers,
        LayerCount = _config.LayerCount,
        HiddenSize = _config.HiddenSize,
        KvCache = new KvCacheOptions { CapacityTokens = 256 },
        Manifest = WeightManifest.Create(_file, _hash, layers, _pieces).ToBytes(),
    };

    private StageOffer Standby(ChainPlan plan, int stage) => Offer(plan.Stages[stage].Layers) with
    {
        Plan = PlanId.Create(),
        Sources = plan.Stages[stage].Sources,
        IsStandby = true,
    };

    private ChainPlan Plan(StageWorker head, params FetchingWorker[] workers) => new()
    {
        ModelName = "tales",
        ModelHash = _hash,
        LayerCount = _config.LayerCount,
        HiddenSize = _config.HiddenSize,
        KvCache = new KvCacheOptions { CapacityTokens = 2_048 },
        Stages =
        [
            .. workers.Select((worker, i) => new StageAssignment
            {
                Worker = worker.Address,
                Node = $"node{i}",
                Layers = new LayerRange(i * 2, 2),
                Manifest = WeightManifest.Create(_file, _hash, new LayerRange(i * 2, 2), _pieces).ToBytes(),
                Sources = [head.Address],
            }),
        ],
    };

    /// <summary>A worker with a cache of weights, and nothing else.</summary>
    private sealed class FetchingWorker : IAsyncDisposable
    {
        private readonly StageWorker _peer;
        private readonly StageHost _host;

        private FetchingWorker(StageWorker peer, string cache)
        {
            _peer = peer;
            Loader = new WeightStageLoader(
                new WeightFetcher(peer.Test.Peer, StageCluster.Token, new BlobCache(cache)), own: null, new ModelOptions { Threads = 1 });
            _host = new StageHost(peer.Node, Loader, new StageHostOptions { MemoryLimit = 1L << 30 });
        }

        public WeightStageLoader Loader { get; }

        public StagePeer Address => _peer.Address;

        public long ReservedBytes => _host.ReservedBytes;

        public static async Task<FetchingWorker> StartAsync(string cache) =>
            new(await StageWorker.StartAsync(peer: LocalPeerOptions.For(StageCluster.Token)), cache);

        public async ValueTask DisposeAsync()
        {
            await _host.DisposeAsync();
            Loader.Dispose();
            await _peer.DisposeAsync();
        }
    }
}
