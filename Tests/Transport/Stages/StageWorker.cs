using ManagedSwarm.Tests.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Stages;

namespace ManagedSwarm.Tests.Transport.Stages;

/// <summary>A node that takes part in plans, and that may be a worker, on this machine's loopback interface.</summary>
internal sealed class StageWorker : IAsyncDisposable
{
    private StageWorker(TestPeer peer, StageOptions? options, IStageLoader? loader, long memory)
    {
        Test = peer;
        Node = new StageNode(peer.Peer, StageCluster.Keys, options ?? StageCluster.Brittle);
        Host = loader is null ? null : new StageHost(Node, loader, new StageHostOptions { MemoryLimit = memory });
    }

    public TestPeer Test { get; }

    public StageNode Node { get; }

    public StageHost? Host { get; }

    public StagePeer Address => new(Test.Id, [Test.Address]);

    /// <param name="loader">Of its stages; null: it is no worker.</param>
    /// <param name="options">How it takes part; null: <see cref="StageCluster.Brittle"/>.</param>
    /// <param name="peer">How it is connected.</param>
    /// <param name="memory">What it gives away.</param>
    public static async Task<StageWorker> StartAsync(
        IStageLoader? loader = null, StageOptions? options = null, LocalPeerOptions? peer = null, long memory = 1_000) =>
        new(await TestPeer.StartAsync(peer ?? LocalPeerOptions.For(StageCluster.Token)), options, loader, memory);

    /// <summary>Waits until nothing of any stage is left here.</summary>
    public async Task FreeAsync()
    {
        await TestPeer.UntilAsync(() => Host!.Stages.Count == 0 && Host.ReservedBytes == 0);
        Assert.Equal(0, Node.ExpectedCount);
    }

    /// <summary>Is gone at once, without a word: its connections are closed.</summary>
    public ValueTask DieAsync() => Test.Peer.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        await (Host?.DisposeAsync() ?? default);
        await Node.DisposeAsync();
        await Test.DisposeAsync();
    }
}
