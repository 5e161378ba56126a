using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Sessions;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Stages.Links;
using ManagedSwarm.Transport.Stages.Lives;
using ManagedSwarm.Transport.Stages.Work;

namespace ManagedSwarm.Transport.Stages;

/// <summary>
/// A worker: holds stages for heads, as many as its memory allows, each for as long as its head's control stream lives. Safe for use by
/// many threads.
/// </summary>
public sealed partial class StageHost : IAsyncDisposable
{
    private readonly StageNode _node;
    private readonly IStageLoader _loader;
    private readonly StageHostOptions _options;
    private readonly IStreamListener _listener;
    private readonly Lock _gate = new();
    private readonly List<HostedStage> _stages = [];
    private readonly MemoryBudget _budget;
    private readonly RunningTasks _tasks = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private volatile bool _isLeaving;
    private int _offers;
    private int _disposed;

    /// <summary>Takes offers from now on.</summary>
    /// <param name="node">This node's part in plans. Stays the caller's, and is to be disposed later than this.</param>
    /// <param name="loader">Makes the stages. Stays the caller's.</param>
    /// <param name="options">What it gives away.</param>
    /// <exception cref="SwarmException"><c>protocol_taken</c>: the node is a worker already.</exception>
    public StageHost(StageNode node, IStageLoader loader, StageHostOptions options)
    {
        (_node, _loader, _options, _budget) = (node, loader, options, new(options.MemoryLimit));
        _listener = node.Peer.Listen(StageProtocols.Id(node.Keys, StageProtocols.Control));
        _accepting = AcceptAsync();
        node.Own.Listen(StageProtocols.Id(node.Keys, StageProtocols.Control), Take);
    }

    /// <summary>A stage has come, gone, or is further. Called by any thread; must not throw, and not wait.</summary>
    public event Action? Changed;

    /// <summary>A member has asked this worker to hand over all layers, and to leave. Called by any thread; must not throw, and not wait.</summary>
    public event Action? DrainAsked;

    /// <summary>Whether it takes no layers any more, as it is about to leave.</summary>
    public bool IsLeaving => _isLeaving;

    /// <summary>What it holds.</summary>
    public IReadOnlyList<HeldStage> Stages
    {
        get
        {
            HostedStage[] stages;
            lock (_gate)
            {
                stages = [.. _stages];
            }

            return [.. stages.Select(stage => stage.Snapshot)];
        }
    }

    /// <summary>The layers that it holds, for this node's record: weights alone are none.</summary>
    public IReadOnlyList<HeldLayers> Layers =>
        [.. Stages.Where(stage => !stage.IsStandby).Select(stage => new HeldLayers(stage.ModelHash, stage.Layers.First, stage.Layers.End))];

    /// <summary>Bytes that its stages have.</summary>
    public long ReservedBytes
    {
        get
        {
            lock (_gate)
            {
                return _budget.Reserved;
            }
        }
    }

    /// <summary>Bytes that its stages may have.</summary>
    public long MemoryLimit => _options.MemoryLimit;

    /// <summary>Ends all stages of a model, and waits until nothing of them is left. Their heads are told.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> UnloadAsync(string modelName, CancellationToken cancellationToken = default)
    {
        HostedStage[] stages;
        lock (_gate)
        {
            stages = [.. _stages.Where(stage => stage.ModelName == modelName)];
        }

        await EndAsync(stages, new("unloaded", $"the worker has unloaded '{modelName}'")).WaitAsync(cancellationToken);
        return stages.Length;
    }

    /// <summary>Takes no more offers, asks all heads to place their layers elsewhere, and waits until they have.</summary>
    /// <param name="limit">Waits no longer.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Whether all layers were handed over.</returns>
    public async Task<bool> HandOverAsync(TimeSpan limit, CancellationToken cancellationToken = default)
    {
        HostedStage[] stages;
        lock (_gate)
        {
            _isLeaving = true;
            stages = [.. _stages];
        }

        RaiseChanged();
        foreach (var stage in stages)
        {
            stage.Leave();
        }

        try
        {
            await Task.WhenAll(stages.Select(stage => stage.Freed)).WaitAsync(limit, _node.Options.Time, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Takes no more offers, ends all stages and waits for them.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        _node.Own.Close(StageProtocols.Id(_node.Keys, StageProtocols.Control));
        await _listener.DisposeAsync();
        await _stop.CancelAsync();
        await _accepting;
        HostedStage[] stages;
        lock (_gate)
        {
            stages = [.. _stages];
        }

        await EndAsync(stages, Stopping);
        await _tasks.WhenEmptyAsync();
        _stop.Dispose();
    }

    private static StageFault Stopping { get; } = new("worker_stopped", "the worker is shutting down");

    private static Task EndAsync(HostedStage[] stages, StageFault reason)
    {
        foreach (var stage in stages)
        {
            stage.End(reason);
        }

        return Task.WhenAll(stages.Select(stage => stage.Freed));
    }

    private void Free(HostedStage stage, MemoryBudget.Share share)
    {
        lock (_gate)
        {
            _stages.Remove(stage);
            _budget.Release(share);
        }

        RaiseChanged();
    }

    private void Change(MemoryBudget.Share share, long bytes)
    {
        lock (_gate)
        {
            share.Shrink(bytes);
        }

        RaiseChanged();
    }

    private void RaiseChanged()
    {
        try
        {
            Changed?.Invoke();
        }
        catch (Exception exception)
        {
            TransportLog.StageHandlerFailed(_node.Options.Logger, exception);
        }
    }
}
