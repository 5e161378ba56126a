using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Server.Diagnostics;
using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Server.P2p.Heads;
using ManagedSwarm.Server.Pages.Swarm;

namespace ManagedSwarm.Server.Serving;

/// <summary>
/// The life of the model that this node serves: it is loaded, spread over the swarm where this node is in one, made known there, and freed, for
/// another one or for good, while the server runs. One at a time. Safe for use by many threads.
/// </summary>
internal sealed class ModelService(
    ApiServerOptions options,
    ModelLoader loader,
    ModelSlot slot,
    SwarmService swarm,
    SwarmJournal journal,
    TokenRate rate,
    TimeProvider time,
    ILogger<ModelService> logger) : IAsyncDisposable
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _ends = new();
    private CancellationTokenSource? _loading;
    private Task _replacing = Task.CompletedTask;
    private SwarmStages? _stages;
    private ModelAnnouncer? _announcer;
    private bool _disposed;

    /// <summary>What may be loaded; null: this node serves no models.</summary>
    public ModelCatalog? Catalog => options.Models?.Catalog;

    /// <summary>Loads a model, in the place of the one that is there: that one's replies may end first, for a while.</summary>
    /// <param name="request">Which.</param>
    /// <param name="progress">Hears how far it is, on any thread; null: nobody does.</param>
    /// <param name="cancellationToken">Gives up; <see cref="UnloadAsync"/> does so, too.</param>
    /// <exception cref="StartException">It cannot be loaded; says why. Then there is no model.</exception>
    public async Task<IServedModel> LoadAsync(ModelRequest request, IProgress<LoadProgress>? progress, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        using var load = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _ends.Token);
        SetLoading(load);
        try
        {
            await FreeAsync(slot.Expect(request), options.DrainTimeout, load.Token);
            slot.Stages = _stages = loader.CreateStages(request);
            var model = await loader.LoadAsync(request, _stages, progress, load.Token);
            slot.Fill(model);
            _announcer = loader.Announce(request, model);
            return model;
        }
        catch (Exception exception)
        {
            await FreeAsync(slot.Clear(exception is StartException ? new(request.Name, exception.Message) : null), TimeSpan.Zero, CancellationToken.None);
            throw;
        }
        finally
        {
            SetLoading(null);
            _turn.Release();
        }
    }

    /// <summary>
    /// Begins to load a model in the place of the one that is there. What can be known of it at once is looked at before; whatever goes wrong
    /// later, the one before is loaded again.
    /// </summary>
    /// <exception cref="StartException">It cannot be loaded, or another one is being loaded: all stays as it is.</exception>
    public void Replace(ModelChoice choice)
    {
        var request = choice.ApplyTo(Catalog?.Find(choice.Model) ?? throw new StartException($"'{choice.Model}' is none of the models of this node"));
        if (choice.NeedsSwarm && swarm.Current is null)
        {
            throw new StartException("this node is in no swarm, so no other node can hold layers");
        }

        loader.Check(request);
        lock (_gate)
        {
            if (_disposed || slot.IsLoading)
            {
                throw new StartException($"{slot.Asked?.Name ?? "a model"} is being loaded: unload it first, or wait for it");
            }

            var last = _replacing;
            _replacing = Task.Run(() => ReplaceAsync(request, last));
        }
    }

    /// <summary>Frees a model, or gives up loading it; its replies end.</summary>
    /// <returns>Whether it was there, or on its way.</returns>
    public async Task<bool> UnloadAsync(string id)
    {
        var isGivenUp = CancelLoad(id);
        await _turn.WaitAsync(CancellationToken.None);
        try
        {
            if (slot.Current?.Id != id)
            {
                return isGivenUp;
            }

            await FreeAsync(slot.Clear(), TimeSpan.Zero, CancellationToken.None);
            return true;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The swarm hears that the model is gone; replies under way go on.</summary>
    public async Task WithdrawAsync()
    {
        if (Interlocked.Exchange(ref _announcer, null) is { } announcer)
        {
            await announcer.DisposeAsync();
            swarm.Announce([]);
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        await _ends.CancelAsync();
        await _replacing;
        await _turn.WaitAsync(CancellationToken.None);
        await FreeAsync(slot.Clear(), TimeSpan.Zero, CancellationToken.None);
        _ends.Dispose();
        _turn.Dispose();
    }

    private async Task ReplaceAsync(ModelRequest request, Task last)
    {
        await last;
        var before = slot.Current is null ? null : slot.Asked;
        if (await TryLoadAsync(request) is not { } reason)
        {
            return;
        }

        if (before is not null && await TryLoadAsync(before) is { } another)
        {
            reason += $"; nor can {before.Name} be loaded again: {another}";
        }

        slot.Failure = new(request.Name, reason);
    }

    /// <returns>Why it could not be loaded; null: it could, or that was given up.</returns>
    private async Task<string?> TryLoadAsync(ModelRequest request)
    {
        try
        {
            await LoadAsync(request, null, CancellationToken.None);
            journal.Add($"{request.Name} is loaded", "good");
            return null;
        }
        catch (OperationCanceledException)
        {
            journal.Add($"{request.Name} is not loaded: that was given up");
            return null;
        }
        catch (Exception exception)
        {
            ServerLog.LoadFailed(logger, exception is StartException ? null : exception, request.Name, exception.Message);
            journal.Add($"{request.Name} could not be loaded", "bad");
            return exception is StartException ? exception.Message : "the log of this node says why";
        }
    }

    private bool CancelLoad(string id)
    {
        lock (_gate)
        {
            if (_loading is null || slot.Asked?.Name != id)
            {
                return false;
            }

            _loading.Cancel();
            return true;
        }
    }

    private void SetLoading(CancellationTokenSource? load)
    {
        lock (_gate)
        {
            _loading = load;
        }
    }

    /// <param name="model">Nobody gets it any more; null: there is none, but there may be stages of one.</param>
    /// <param name="patience">How long its replies may take to end.</param>
    /// <param name="cancellationToken">They may not take longer.</param>
    private async Task FreeAsync(IServedModel? model, TimeSpan patience, CancellationToken cancellationToken)
    {
        await WithdrawAsync();
        try
        {
            await (model is null ? Task.CompletedTask : IdleAsync(model.Generator, patience, cancellationToken));
        }
        finally
        {
            await (model?.DisposeAsync() ?? default);
            await (_stages?.DisposeAsync() ?? default);
            slot.Stages = _stages = null;
            rate.Forget();
        }
    }

    private async Task IdleAsync(IGenerator generator, TimeSpan patience, CancellationToken cancellationToken)
    {
        for (var since = time.GetTimestamp(); generator.Load is not { Active: 0, Waiting: 0 } && time.GetElapsedTime(since) < patience;)
        {
            await Task.Delay(LookAgain, time, cancellationToken);
        }
    }
}
