using System.Diagnostics.Metrics;
using ManagedSwarm.Gguf;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Membership.Facts;
using ManagedSwarm.Transport.Stages;
using ManagedSwarm.Transport.Token;
using ManagedSwarm.Transport.Weights;

namespace ManagedSwarm.Server.P2p;

/// <summary>What a member does for models that are spread over the swarm: streams of steps, weights for others, and a worker's stages.</summary>
internal sealed class StageServices : IAsyncDisposable
{
    private readonly WeightStageLoader? _loader;

    /// <summary>Serves from now on.</summary>
    /// <param name="swarm">This node's membership; stays the caller's, and is to be disposed later than this.</param>
    /// <param name="token">The one in use.</param>
    /// <param name="setup">What this node is asked to do.</param>
    /// <param name="time">The clock.</param>
    /// <param name="meters">Makes the meters.</param>
    /// <param name="logger">Hears what goes wrong.</param>
    public StageServices(ISwarm swarm, SwarmToken token, SwarmSetup setup, TimeProvider time, IMeterFactory meters, ILogger logger)
    {
        var keys = new SwarmKeys(token);
        Node = new StageNode(
            swarm.Peer, keys, new() { Time = time, Logger = logger, Meters = meters, Recovery = setup.RecoverTimeout });
        var cache = setup.Worker is { } worker ? new BlobCache(worker.CacheFolder, worker.CacheLimit) { Time = time } : null;
        Weights = new WeightServer(swarm.Peer, keys, cache, new() { IsBusy = () => Node.IsStepping, Time = time, Logger = logger });
        if (setup.Worker is { } settings)
        {
            var fetcher = new WeightFetcher(swarm.Peer, token, cache!, new() { Time = time, Logger = logger });
            var identities = new ModelIdentityCache(NodeFolders.IdentitiesIn(setup.Folders.Configuration));
            _loader = new WeightStageLoader(
                fetcher, new OwnCopies(settings.OwnFiles, identities, logger), new() { Device = settings.Device, Threads = settings.Threads }, time);
            Host = new StageHost(Node, _loader, new() { MemoryLimit = settings.MemoryLimit ?? HostMemory.Measure().Free });
            Host.Changed += swarm.Announce;
        }
    }

    public StageNode Node { get; }

    public WeightServer Weights { get; }

    /// <summary>The stages of others that this node has; null: it is no worker.</summary>
    public StageHost? Host { get; }

    public async ValueTask DisposeAsync()
    {
        await (Host?.DisposeAsync() ?? default);
        _loader?.Dispose();
        await Weights.DisposeAsync();
        await Node.DisposeAsync();
    }
}
