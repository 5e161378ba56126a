using System.Diagnostics.Metrics;
using ManagedSwarm.Server.Diagnostics;
using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Server.P2p;

/// <summary>This node's membership: joins a swarm, leaves it, and joins another, while the server runs. Safe for use by many threads.</summary>
internal sealed class SwarmService : IAsyncDisposable
{
    private readonly SwarmSetup _setup;
    private readonly NodeFactsSource _facts;
    private readonly TimeProvider _time;
    private readonly IMeterFactory _meters;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile SwarmSettings _settings;
    private volatile ISwarm? _current;
    private NodeIdentity? _identity;
    private bool _disposed;

    public SwarmService(SwarmSetup setup, ModelSlot models, TimeProvider time, IMeterFactory meters, ILogger<SwarmService> logger)
    {
        (_setup, _settings, _time, _meters, _logger) = (setup, setup.Settings, time, meters, logger);
        _facts = new NodeFactsSource(setup, models);
    }

    /// <summary>A member has come, changed or gone. Called by any thread, one call at a time; must not throw, and not wait.</summary>
    public event Action<SwarmEvent>? Happened;

    /// <summary>This node has joined a swarm, or left one. Called by any thread; must not throw, and not wait.</summary>
    public event Action? Switched;

    /// <summary>The swarm that this node is a member of; null: none.</summary>
    public ISwarm? Current => _current;

    /// <summary>As they are now.</summary>
    public SwarmSettings Settings => _settings;

    /// <summary>Joins the swarm of the settings, unless this node is a member already.</summary>
    /// <exception cref="StartException">It cannot; says why.</exception>
    public async Task<ISwarm> StartAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return _current ?? await StartLockedAsync(_settings, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Leaves the swarm that this node is in, and joins that of other settings, if they are on.</summary>
    /// <param name="change">The settings out of those before.</param>
    /// <param name="cancellationToken">Not to begin at all.</param>
    /// <exception cref="StartException">It cannot join: then it is a member of none.</exception>
    public async Task ChangeAsync(Func<SwarmSettings, SwarmSettings> change, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var settings = change(_settings);
            if (settings == _settings && settings.IsOn == _current is not null)
            {
                return;
            }

            _ = settings.TokenInUse();
            await StopLockedAsync();
            _settings = settings;
            if (settings.IsOn)
            {
                await StartLockedAsync(settings, CancellationToken.None);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Leaves the swarm; its token stays in the settings.</summary>
    public Task LeaveAsync() => ChangeAsync(settings => settings with { IsOn = false }, CancellationToken.None);

    /// <summary>The models of this node are others, or more is known of them.</summary>
    public void Announce(IReadOnlyList<ModelFacts> models)
    {
        _facts.Models = models;
        _current?.Announce();
    }

    public async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync(CancellationToken.None);
        try
        {
            _disposed = true;
            await StopLockedAsync();
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<ISwarm> StartLockedAsync(SwarmSettings settings, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var token = settings.TokenInUse();
        var identity = NodeIdentity.Open(settings.IdentityFile, _setup.Folders.Configuration);
        try
        {
            var swarm = await _setup.Start(OptionsFor(settings, token, identity.Key), cancellationToken);
            swarm.Changed += OnChanged;
            (_identity, _current) = (identity, swarm);
            // A new swarm's token is kept: who leaves can come back.
            _settings = settings with { IsOn = true, Token = settings.Token ?? token };
            ServerLog.SwarmJoined(_logger, new SwarmKeys(token).Network, swarm.Self);
            Switched?.Invoke();
            return swarm;
        }
        catch (SwarmException exception)
        {
            identity.Dispose();
            throw new StartException(exception.Message, exception);
        }
        catch
        {
            identity.Dispose();
            throw;
        }
    }

    private async Task StopLockedAsync()
    {
        if (_current is not { } swarm)
        {
            return;
        }

        _current = null;
        await swarm.DisposeAsync();
        swarm.Changed -= OnChanged;
        _identity?.Dispose();
        _identity = null;
        ServerLog.SwarmLeft(_logger, swarm.Self);
        Switched?.Invoke();
    }

    private SwarmOptions OptionsFor(SwarmSettings settings, SwarmToken token, Identity identity)
    {
        var options = new SwarmOptions
        {
            Token = token,
            Identity = identity,
            Facts = _facts.Measure,
            AnnounceAddresses = settings.Announce,
            Bootstrap = settings.Bootstrap,
            UsesDht = settings.UsesDht,
            MdnsInterfaces = settings.MdnsInterfaces,
            RegistryFolder = _setup.Folders.Registry,
            PeerCacheFile = Path.Combine(
                NodeFolders.PeersIn(_setup.Folders.Configuration), $"{new SwarmKeys(token).Network}-{identity.PeerId}"),
            Limits = settings.Limits,
            Time = _time,
            Logger = _logger,
            Meters = _meters,
        };
        return settings.Listen.Count == 0 ? options : options with { ListenAddresses = settings.Listen };
    }

    private void OnChanged(SwarmEvent change) => Happened?.Invoke(change);
}
