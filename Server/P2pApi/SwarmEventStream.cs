using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Threading.Channels;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Server.P2pApi;

/// <summary>
/// <c>/api/swarm/events</c>: the event <c>snapshot</c> with the whole swarm, then an event for each thing that happens to a member, named as
/// its kind. A client that reads too slowly misses some, and gets a new snapshot instead; so does everyone when this node joins or leaves.
/// </summary>
internal sealed class SwarmEventStream(SwarmService swarm, IHostApplicationLifetime lifetime, TimeProvider time)
{
    /// <summary>The name of the event that has the whole swarm.</summary>
    public const string SnapshotName = "snapshot";

    /// <summary>Streams at once, over all clients.</summary>
    public const int MaxClients = 64;

    /// <summary>Events that wait for one client.</summary>
    public const int MaxWaiting = 256;

    /// <summary>Silence after which a comment is sent.</summary>
    public static readonly TimeSpan KeepAliveInterval = TimeSpan.FromSeconds(15);

    private int _clients;

    public async Task WriteAsync(HttpContext http)
    {
        if (Interlocked.Increment(ref _clients) > MaxClients)
        {
            Interlocked.Decrement(ref _clients);
            throw SwarmErrors.TooManyWatchers(MaxClients);
        }

        using var subscription = new Subscription(swarm);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            await WriteAsync(new SseWriter(http.Response), subscription, end.Token);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // The stream ends with the server.
        }
        finally
        {
            Interlocked.Decrement(ref _clients);
        }
    }

    private async Task WriteAsync(SseWriter sse, Subscription subscription, CancellationToken cancellationToken)
    {
        while (true)
        {
            // Events that came before are in the snapshot.
            if (subscription.TakeMissed())
            {
                await sse.WriteNamedAsync(SnapshotName, Snapshot(), cancellationToken);
            }

            while (!subscription.HasMissed && subscription.TryTake(out var change))
            {
                var body = MemberView.Of(change, time.GetUtcNow());
                await sse.WriteNamedAsync(body.Kind, JsonSerializer.SerializeToUtf8Bytes(body, SwarmJson.Wire.EventBody), cancellationToken);
            }

            if (!await subscription.WaitAsync(KeepAliveInterval, time, cancellationToken))
            {
                await sse.WriteCommentAsync(cancellationToken);
            }
        }
    }

    private byte[] Snapshot() => JsonSerializer.SerializeToUtf8Bytes(MemberView.Of(swarm, time.GetUtcNow()), SwarmJson.Wire.SwarmBody);

    /// <summary>One client's queue.</summary>
    private sealed class Subscription : IDisposable
    {
        private readonly SwarmService _swarm;
        private readonly Channel<SwarmEvent> _events = Channel.CreateBounded<SwarmEvent>(
            new BoundedChannelOptions(MaxWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

        // Released where there is something to look for; at most once.
        private readonly SemaphoreSlim _news = new(0, 1);
        private readonly Lock _lock = new();
        private bool _missed = true;

        public Subscription(SwarmService swarm)
        {
            _swarm = swarm;
            swarm.Happened += OnHappened;
            swarm.Switched += OnSwitched;
        }

        public bool HasMissed
        {
            get
            {
                lock (_lock)
                {
                    return _missed;
                }
            }
        }

        /// <summary>Whether a snapshot is due; events before it are forgotten.</summary>
        public bool TakeMissed()
        {
            lock (_lock)
            {
                var missed = _missed;
                _missed = false;
                while (missed && _events.Reader.TryRead(out _))
                {
                }

                return missed;
            }
        }

        public bool TryTake([NotNullWhen(true)] out SwarmEvent? change) => _events.Reader.TryRead(out change);

        /// <returns>False: nothing has come in time.</returns>
        public async Task<bool> WaitAsync(TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
        {
            using var timeout = new CancellationTokenSource(limit, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
            try
            {
                await _news.WaitAsync(either.Token);
                return true;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return false;
            }
        }

        public void Dispose()
        {
            _swarm.Happened -= OnHappened;
            _swarm.Switched -= OnSwitched;
        }

        private void OnHappened(SwarmEvent change) => Add(change);

        private void OnSwitched() => Add(null);

        private void Add(SwarmEvent? change)
        {
            lock (_lock)
            {
                _missed |= change is null || !_events.Writer.TryWrite(change);
                if (_news.CurrentCount == 0)
                {
                    _news.Release();
                }
            }
        }
    }
}
