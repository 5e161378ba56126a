using System.Diagnostics.Metrics;
using ManagedSwarm.Server.Diagnostics;
using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Server.P2p;

/// <summary>This node's membership: joins a swarm, leaves it, and joins another, while the server runs. Safe for use by many threads.</summary>
internal sealed class SwarmService : IAsyncDisposable
{
    private readonly SwarmSetup _setup;
    private readonly NodeFactsSource _facts;
    private readonly SwarmEntry _entry;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile SwarmSettings _settings;
    private volatile JoinedSwarm? _joined;
    private Task? _draining;
    private SavedSettings _saved;
    private bool _disposed;

    public SwarmService(SwarmSetup setup, ModelSlot models, TokenRate rate, TimeProvider time, IMeterFactory meters, ILogger<SwarmService> logger)
    {
        (_setup, _settings, _saved, _logger) = (setup, setup.Settings, setup.Saved, logger);
        _facts = new NodeFactsSource(setup, models, rate) { Host = () => Stages?.Host };
        _entry = new SwarmEntry(setup, _facts, time, meters, logger);
    }

    /// <summary>A member has come, changed or gone. Called by any thread, one call at a time; must not throw, and not wait.</summary>
    public event Action<SwarmEvent>? Happened;

    /// <summary>This node has joined a swarm, or left one. Called by any thread; must not throw, and not wait.</summary>
    public event Action? Switched;

    /// <summary>A stage of others that this node has is new, further or gone. Called by any thread; must not throw, and not wait.</summary>
    public event Action? StagesChanged;

    /// <summary>The swarm that this node is a member of; null: none.</summary>
    public ISwarm? Current => _joined?.Swarm;

    /// <summary>The keys of that swarm; null: it is in none.</summary>
    public SwarmKeys? Keys => _joined?.Keys;

    /// <summary>What this node does for models that are spread over the swarm; null: it is in none.</summary>
    public StageServices? Stages => _joined?.Stages;

    /// <summary>As they are now.</summary>
    public SwarmSettings Settings => _settings;

    /// <summary>Joins the swarm of the settings, unless this node is a member already.</summary>
    /// <exception cref="StartException">It cannot; says why.</exception>
    public async Task<ISwarm> StartAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return Current ?? await StartLockedAsync(_settings, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Leaves the swarm that this node is in, and joins that of other settings, if they are on.</summary>
    /// <param name="change">The settings out of those before.</param>
    /// <param name="cancellationToken">Not to begin at all.</param>
    /// <param name="save">What of the settings holds at the next start, too, out of what did before; null: nothing new does.</param>
    /// <exception cref="StartException">It cannot join: then it is in the swarm that it was in, unless it cannot be that either.</exception>
    public async Task ChangeAsync(
        Func<SwarmSettings, SwarmSettings> change,
        CancellationToken cancellationToken,
        Func<SavedSettings, SwarmSettings, SavedSettings>? save = null)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var settings = change(_settings);
            if (settings != _settings || settings.IsOn != _joined is not null)
            {
                await SwitchLockedAsync(settings);
            }

            Save(save?.Invoke(_saved, _settings) ?? _saved);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Ends when another member has asked this worker to leave, and its layers are handed over; never with an exception.</summary>
    public Task Drained => _drained.Task;

    /// <summary>Waits until others have this worker's layers, no longer than its settings allow; there may be none.</summary>
    /// <returns>Whether they have all.</returns>
    public async Task<bool> HandOverAsync(CancellationToken cancellationToken = default) =>
        Stages?.Host is not { } host || await host.HandOverAsync(_setup.Worker!.DrainTimeout, cancellationToken);

    /// <summary>Asks another member, which must be a worker, to hand over its layers and to leave.</summary>
    /// <exception cref="SwarmException"><c>not_served</c>: it is no worker; <c>p2p_off</c>; and what connections throw.</exception>
    public Task DrainAsync(SwarmMember member, CancellationToken cancellationToken) => Stages is { } stages
        ? stages.Node.DrainAsync(new(member.Id, member.Facts.Addresses), cancellationToken)
        : throw new SwarmException("p2p_off", "this node is in no swarm");

    /// <summary>Leaves the swarm; its token stays in the settings.</summary>
    public Task LeaveAsync() => ChangeAsync(settings => settings with { IsOn = false }, CancellationToken.None);

    /// <summary>The models of this node are others, or more is known of them.</summary>
    public void Announce(IReadOnlyList<ModelFacts> models)
    {
        _facts.Models = models;
        Current?.Announce();
    }

    public async ValueTask DisposeAsync()
    {
        await (_draining ?? Task.CompletedTask);
        await _turn.WaitAsync(CancellationToken.None);
        try
        {
            _disposed = true;
            await StopLockedAsync();
            await _facts.Bandwidth.Finished;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task SwitchLockedAsync(SwarmSettings settings)
    {
        _ = settings.TokenInUse();
        var (before, wasMember) = (_settings, _joined is not null);
        await StopLockedAsync();
        try
        {
            _settings = settings;
            if (settings.IsOn)
            {
                await StartLockedAsync(settings, CancellationToken.None);
            }
        }
        catch (StartException reason)
        {
            _settings = before;
            if (wasMember)
            {
                await ReturnLockedAsync(before, reason);
            }

            throw;
        }
    }

    private async Task ReturnLockedAsync(SwarmSettings before, StartException reason)
    {
        try
        {
            await StartLockedAsync(before, CancellationToken.None);
        }
        catch (StartException exception)
        {
            throw new StartException($"{reason.Message}; nor can it return to the swarm before: {exception.Message}", reason);
        }
    }

    private void Save(SavedSettings saved)
    {
        if (saved == _saved)
        {
            return;
        }

        try
        {
            SettingsFile.Write(_setup.Folders.Configuration, saved);
            _saved = saved;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The change itself is made.
            ServerLog.SettingsNotSaved(_logger, exception.Message);
        }
    }

    private async Task<ISwarm> StartLockedAsync(SwarmSettings settings, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var token = settings.TokenInUse();
        // As soon as it can be: who looks for places waits until it is known.
        _facts.Bandwidth.Start(() => Current?.Announce());
        var joined = await _entry.JoinAsync(settings, token, cancellationToken);
        _joined = joined;
        joined.Swarm.Changed += OnChanged;
        joined.Stages.Host?.Changed += OnStagesChanged;
        joined.Stages.Host?.DrainAsked += OnDrainAsked;
        // A new swarm's token is kept: who leaves can come back.
        _settings = settings with { IsOn = true, Token = settings.Token ?? token };
        ServerLog.SwarmJoined(_logger, joined.Keys.Network, joined.Swarm.Self);
        Switched?.Invoke();
        if (_facts.Bandwidth.BytesPerSecond > 0)
        {
            // It may have become known on the way here, behind the first record.
            joined.Swarm.Announce();
        }

        return joined.Swarm;
    }

    private async Task StopLockedAsync()
    {
        if (_joined is not { } joined)
        {
            return;
        }

        _joined = null;
        await joined.DisposeAsync();
        joined.Swarm.Changed -= OnChanged;
        ServerLog.SwarmLeft(_logger, joined.Swarm.Self);
        Switched?.Invoke();
    }

    private void OnChanged(SwarmEvent change) => Happened?.Invoke(change);

    private void OnStagesChanged() => StagesChanged?.Invoke();

    private void OnDrainAsked()
    {
        lock (_drained)
        {
            _draining ??= Task.Run(DrainAsync);
        }
    }

    private async Task DrainAsync()
    {
        try
        {
            await HandOverAsync();
        }
        finally
        {
            _drained.TrySetResult();
        }
    }
}
