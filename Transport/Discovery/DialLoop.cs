using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Sessions;
using Microsoft.Extensions.Logging;

namespace ManagedSwarm.Transport.Discovery;

/// <summary>Dials what the planner says. Safe for use by many threads.</summary>
internal sealed class DialLoop : IDialOutput, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly ILocalPeer _peer;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action<PeerId, string?> _requestEnded;
    private readonly long _start;
    private readonly DialPlanner _planner;
    private readonly RunningTasks _tasks = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<DialAttempt, CancellationTokenSource> _dials = [];
    private readonly List<DialAttempt> _toDial = [];
    private readonly List<(PeerId Peer, string? Code)> _toTell = [];
    private readonly ITimer _timer;
    private bool _isStopped;

    /// <summary>Begins with what it hears.</summary>
    /// <param name="peer">Dials. Stays the caller's, and is to be disposed later than this.</param>
    /// <param name="options">How many addresses are tried, and how often.</param>
    /// <param name="time">The clock of the pauses.</param>
    /// <param name="logger">Hears of each trial.</param>
    /// <param name="seed">Of the pauses.</param>
    /// <param name="requestEnded">
    /// A request is over: null, there is a session; else the error's code. Called by any thread; must not throw, and not wait.
    /// </param>
    public DialLoop(ILocalPeer peer, DialOptions options, TimeProvider time, ILogger logger, int seed, Action<PeerId, string?> requestEnded)
    {
        (_peer, _time, _logger, _requestEnded, _start) = (peer, time, logger, requestEnded, time.GetTimestamp());
        _planner = new(peer.PeerId, options, seed, this);
        _timer = time.CreateTimer(_ => Do(now => _planner.Tick(now)), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        peer.Connected += OnConnected;
        peer.Disconnected += OnDisconnected;
        foreach (var session in peer.Sessions)
        {
            OnConnected(session);
        }
    }

    /// <summary>What came of each address last, the newest first.</summary>
    public IReadOnlyList<AddressTrial> Trials
    {
        get
        {
            lock (_gate)
            {
                return _planner.Trials;
            }
        }
    }

    /// <summary>Somebody has heard of a node: what <see cref="IPeerDiscovery.RunAsync"/> calls.</summary>
    public void Hear(DiscoveredPeer found) => Do(now => _planner.Hear(found, now));

    /// <inheritdoc cref="DialPlanner.Request"/>
    public void Request(PeerId peer, params IReadOnlyList<Multiaddress> addresses) =>
        Do(now => _planner.Request(peer, [.. addresses, .. _peer.PeerStore.AddressesOf(peer)], now));

    /// <summary>Gives up all dials and waits for their ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _peer.Connected -= OnConnected;
        _peer.Disconnected -= OnDisconnected;
        lock (_gate)
        {
            _isStopped = true;
        }

        await _timer.DisposeAsync();
        await _stop.CancelAsync();
        await _tasks.WhenEmptyAsync();
        _stop.Dispose();
    }

    void IDialOutput.Dial(DialAttempt attempt) => _toDial.Add(attempt);

    void IDialOutput.GiveUp(DialAttempt attempt)
    {
        if (_dials.GetValueOrDefault(attempt) is { } dial)
        {
            // Its callbacks belong to a thread that has no lock.
            _tasks.Add(dial.CancelAsync());
        }
    }

    void IDialOutput.RequestEnded(PeerId peer, string? code) => _toTell.Add((peer, code));

    private void OnConnected(ISession session) => Do(now => _planner.Connected(session.RemotePeer, now));

    private void OnDisconnected(ISession session, SwarmException reason) => Do(now => _planner.Disconnected(session.RemotePeer, now));

    /// <summary>Tells the planner something, and does what it says then.</summary>
    private void Do(Action<TimeSpan> tell)
    {
        (PeerId Peer, string? Code)[] ended;
        lock (_gate)
        {
            if (_isStopped)
            {
                return;
            }

            var now = _time.GetElapsedTime(_start);
            tell(now);
            foreach (var attempt in _toDial)
            {
                var dial = _dials[attempt] = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
                _tasks.Add(Task.Run(() => DialAsync(attempt, dial)));
            }

            ended = [.. _toTell];
            _toDial.Clear();
            _toTell.Clear();
            _timer.Change(
                _planner.NextTick == TimeSpan.MaxValue ? Timeout.InfiniteTimeSpan : TimeSpan.FromTicks(Math.Max(0, (_planner.NextTick - now).Ticks)),
                Timeout.InfiniteTimeSpan);
        }

        foreach (var (peer, code) in ended)
        {
            _requestEnded(peer, code);
        }
    }

    private async Task DialAsync(DialAttempt attempt, CancellationTokenSource dial)
    {
        PeerId? answered = null;
        SwarmException? failure = null;
        try
        {
            answered = (await _peer.DialAsync(attempt.Address, dial.Token)).RemotePeer;
        }
        catch (SwarmException exception)
        {
            failure = exception;
            TransportLog.TrialFailed(_logger, attempt.Address, attempt.Source, exception.Code, exception.Message);
        }
        catch (OperationCanceledException)
        {
            // The peer is there by another way, or this is the end.
        }
        catch (Exception exception)
        {
            failure = new SwarmException("internal_error", exception.Message, exception);
            TransportLog.TrialBroken(_logger, exception, attempt.Address, attempt.Source);
        }

        Do(now =>
        {
            _dials.Remove(attempt);
            _planner.Ended(attempt, answered, failure, now, _time.GetUtcNow());
        });
        dial.Dispose();
    }
}
