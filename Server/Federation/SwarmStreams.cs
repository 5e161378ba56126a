using ManagedSwarm.Server.P2p;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Server.Federation;

/// <summary>
/// The streams that members open to this node, whichever swarm it is in: a server that listens here goes on when its node leaves a swarm and
/// joins another.
/// </summary>
internal sealed class SwarmStreams(SwarmService swarm) : IStreamListenerSource
{
    /// <param name="protocolId">What the protocol is called behind the network's name: <c>http/1.0.0</c>.</param>
    public IStreamListener Listen(string protocolId) => new Listener(swarm, protocolId);

    private sealed class Listener : IStreamListener
    {
        private readonly SwarmService _swarm;
        private readonly string _name;
        private readonly Lock _gate = new();

        // Cancelled where there may be another swarm, or none.
        private CancellationTokenSource _news = new();
        private ISwarm? _joined;
        private IStreamListener? _inner;
        private bool _isDisposed;

        public Listener(SwarmService swarm, string name)
        {
            (_swarm, _name) = (swarm, name);
            swarm.Switched += OnNews;
        }

        public async ValueTask<IMuxStream?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (true)
            {
                var (inner, news, former) = Follow();
                await (former?.DisposeAsync() ?? default);
                if (news is not { } until)
                {
                    return null;
                }

                using var either = CancellationTokenSource.CreateLinkedTokenSource(until, cancellationToken);
                try
                {
                    if (inner is not null && await inner.AcceptAsync(either.Token) is { } stream)
                    {
                        return stream;
                    }

                    await Task.Delay(Timeout.InfiniteTimeSpan, either.Token);
                }
                catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
                {
                    // Another swarm, none, or the end.
                }
            }
        }

        public async ValueTask DisposeAsync()
        {
            _swarm.Switched -= OnNews;
            IStreamListener? inner;
            lock (_gate)
            {
                (inner, _inner, _isDisposed) = (_inner, null, true);
            }

            OnNews();
            await (inner?.DisposeAsync() ?? default);
        }

        /// <summary>Listens where the node is now.</summary>
        /// <returns>The listener, null: the node is in no swarm; until when that holds, null: this is disposed; the listener before.</returns>
        private (IStreamListener? Inner, CancellationToken? News, IStreamListener? Former) Follow()
        {
            lock (_gate)
            {
                if (_isDisposed)
                {
                    return (null, null, null);
                }

                var news = _news.Token;
                var (joined, keys) = (_swarm.Current, _swarm.Keys);
                if (joined == _joined || (joined is not null && keys is null))
                {
                    return (_inner, news, null);
                }

                var former = _inner;
                (_joined, _inner) = (joined, joined?.Peer.Listen(keys!.ProtocolId(_name)));
                return (_inner, news, former);
            }
        }

        private void OnNews()
        {
            CancellationTokenSource news;
            lock (_gate)
            {
                (news, _news) = (_news, new());
            }

            news.Cancel();
        }
    }
}
