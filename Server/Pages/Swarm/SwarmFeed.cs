using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Server.P2pApi;
using ManagedSwarm.Server.Pages.Swarm.State;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Server.Pages.Swarm;

/// <summary>
/// What pages of the swarm show, made once for all who look, and told to them when it is another: at most <see cref="Interval"/> after the
/// change, so that a burst is one message. Once a second it is made anew in any case, for what no event tells, such as round trips. While
/// nobody looks, it does nothing. Safe for use by many threads.
/// </summary>
internal sealed class SwarmFeed : IAsyncDisposable
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private const int TicksPerLook = 4;

    private readonly SwarmService _swarm;
    private readonly ModelSlot _models;
    private readonly SwarmJournal _journal;
    private readonly TimeProvider _time;
    private readonly RecentWork _work;
    private readonly Lock _gate = new();
    private readonly Lock _making = new();
    private readonly List<Action> _watchers = [];
    private CancellationTokenSource? _stop;
    private Task _running = Task.CompletedTask;
    private volatile bool _isStale;
    private volatile SwarmPageState _state = SwarmPageState.Off;

    // Another one may have looked meanwhile: what was told is not always what is.
    private SwarmPageState? _told;

    public SwarmFeed(SwarmService swarm, ModelSlot models, SwarmJournal journal, TimeProvider time)
    {
        (_swarm, _models, _journal, _time) = (swarm, models, journal, time);
        _work = new(time);
        swarm.Happened += OnHappened;
        swarm.Switched += OnChanged;
        swarm.StagesChanged += OnChanged;
        models.Changed += OnChanged;
        journal.Changed += OnChanged;
    }

    /// <summary>As it was last told.</summary>
    public SwarmPageState Current => _state;

    /// <summary>Makes it now, for who looks for the first time.</summary>
    public SwarmPageState Look()
    {
        lock (_making)
        {
            var state = SwarmView.Of(Facts());
            // As long as nothing looks different, it stays the same object, which is soon compared.
            return _state = state == _state ? _state : state;
        }
    }

    /// <summary>Is told from now on that <see cref="Current"/> is another.</summary>
    /// <param name="changed">Called by any thread; must not throw, and not wait.</param>
    /// <returns>Ends it.</returns>
    public IDisposable Watch(Action changed)
    {
        lock (_gate)
        {
            _watchers.Add(changed);
            if (_watchers.Count == 1)
            {
                _stop = new();
                _running = RunAsync(_running, _stop);
            }
        }

        return new Watching(this, changed);
    }

    public async ValueTask DisposeAsync()
    {
        _swarm.Happened -= OnHappened;
        _swarm.Switched -= OnChanged;
        _swarm.StagesChanged -= OnChanged;
        _models.Changed -= OnChanged;
        _journal.Changed -= OnChanged;
        Task running;
        lock (_gate)
        {
            _watchers.Clear();
            _stop?.Cancel();
            _stop = null;
            running = _running;
        }

        await running;
    }

    private async Task RunAsync(Task before, CancellationTokenSource stop)
    {
        await before;
        using (stop)
        {
            using var timer = new PeriodicTimer(Interval, _time);
            try
            {
                for (var tick = 1; await timer.WaitForNextTickAsync(stop.Token); tick++)
                {
                    if (_isStale || tick % TicksPerLook == 0)
                    {
                        Refresh();
                    }
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // Nobody looks any more.
            }
        }
    }

    private void Refresh()
    {
        _isStale = false;
        var state = Look();
        if (ReferenceEquals(state, _told))
        {
            return;
        }

        _told = state;
        Action[] watchers;
        lock (_gate)
        {
            watchers = [.. _watchers];
        }

        foreach (var watcher in watchers)
        {
            watcher();
        }
    }

    private SwarmFacts Facts() => new()
    {
        Swarm = MemberView.Of(_swarm, _time.GetUtcNow()) with { Split = _models.Stages?.Split },
        Model = _models.Current?.Id,
        Status = _models.Status,
        Loading = _models.Loading,
        Work = _work.Update(_models.Stages?.Work ?? []),
        Held = _swarm.Stages?.Host?.Stages ?? [],
        Journal = _journal.Lines,
    };

    private void Leave(Action watcher)
    {
        lock (_gate)
        {
            if (_watchers.Remove(watcher) && _watchers.Count == 0)
            {
                _stop?.Cancel();
                _stop = null;
            }
        }
    }

    private void OnHappened(SwarmEvent change) => _isStale = true;

    private void OnChanged() => _isStale = true;

    private sealed class Watching(SwarmFeed feed, Action watcher) : IDisposable
    {
        public void Dispose() => feed.Leave(watcher);
    }
}
