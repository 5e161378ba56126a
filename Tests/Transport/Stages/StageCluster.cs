using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Tests.Transport.Token;
using ManagedSwarm.Transport.Stages;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Tests.Transport.Stages;

/// <summary>A head and some workers on this machine's loopback interface.</summary>
internal sealed class StageCluster : IAsyncDisposable
{
    private StageCluster(StageWorker head, IReadOnlyList<StageWorker> workers) => (Head, Workers) = (head, workers);

    public static SwarmToken Token { get; } = SwarmToken.Parse(TestTokens.Plain);

    public static SwarmKeys Keys { get; } = new(Token);

    /// <summary>Long enough for a busy machine; a worker that is gone resets its streams, and needs none of them.</summary>
    public static StageOptions Patient { get; } = new()
    {
        HeartbeatLimit = TimeSpan.FromMinutes(1),
        Suspicion = TimeSpan.FromMinutes(1),
        Connect = TimeSpan.FromMinutes(1),
        Handshake = TimeSpan.FromMinutes(1),
        LoadSilence = TimeSpan.FromMinutes(2),
        Linking = TimeSpan.FromMinutes(1),
        Moving = TimeSpan.FromMinutes(1),
        Probe = TimeSpan.FromSeconds(20),
        Step = TimeSpan.FromMinutes(2),
        StepLeast = TimeSpan.FromMinutes(1),
        Recovery = TimeSpan.FromMinutes(2),
        Close = TimeSpan.FromSeconds(20),
    };

    /// <summary>The same, where the first loss is a chain's end.</summary>
    public static StageOptions Brittle { get; } = Patient with { Recovery = TimeSpan.Zero };

    public StageWorker Head { get; }

    public IReadOnlyList<StageWorker> Workers { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="loaders">One for each worker.</param>
    /// <param name="memory">What each worker gives away.</param>
    /// <param name="options">How all take part; null: <see cref="Brittle"/>.</param>
    public static async Task<StageCluster> StartAsync(IReadOnlyList<IStageLoader> loaders, StageOptions? options = null, long memory = 1L << 40)
    {
        var workers = new List<StageWorker>();
        foreach (var loader in loaders)
        {
            workers.Add(await StageWorker.StartAsync(loader, options, memory: memory));
        }

        return new(await StageWorker.StartAsync(options: options), workers);
    }

    /// <summary>A plan that gives each worker its share of the layers.</summary>
    public ChainPlan Plan(int layers, int hiddenSize)
    {
        var counts = Workers.Select((_, i) => (layers * (i + 1) / Workers.Count) - (layers * i / Workers.Count)).ToArray();
        return new()
        {
            ModelName = "tales",
            ModelHash = SampleOffers.Hash,
            LayerCount = layers,
            HiddenSize = hiddenSize,
            KvCache = new KvCacheOptions { CapacityTokens = 2_048 },
            Stages =
            [
                .. Workers.Select((worker, i) => new StageAssignment
                {
                    Worker = worker.Address,
                    Node = $"node{i}",
                    Layers = new LayerRange(counts[..i].Sum(), counts[i]),
                }),
            ],
        };
    }

    public Task<StageChain> StartAsync(ChainPlan plan, IProgress<ChainProgress>? progress = null) =>
        StageChain.StartAsync(Head.Node, plan, progress, places: null, Cancellation);

    /// <summary>
    /// A worker is gone without a word. The head's session with it ends first: the rest of the worker lives on in this process, and would
    /// tell the head that it has lost the others.
    /// </summary>
    public async Task KillAsync(StageWorker worker)
    {
        await Task.WhenAll(worker.Test.Peer.Sessions.Where(session => session.RemotePeer == Head.Test.Id).Select(session => session.DisposeAsync().AsTask()));
        await worker.DieAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Head.DisposeAsync();
        foreach (var worker in Workers)
        {
            await worker.DisposeAsync();
        }
    }
}
