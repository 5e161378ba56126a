using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Libp2p.Sessions;

namespace ManagedSwarm.Transport.Libp2p.Messages;

/// <summary>
/// A protocol of messages between all that are connected: to each peer one stream that lives as long as the session, and from each peer
/// another one, as gossipsub has it. Safe for use by many threads.
/// </summary>
/// <remarks>
/// The stream to a peer is opened when its identify says that it serves the protocol; where it does not say anything, it is tried. A
/// stream that breaks is opened again, after a while that doubles. Where another connection takes the place of the session's, the stream
/// changes over. A message is delivered once at most, and in order but for such a change. A peer that does not read stalls itself only:
/// what waits for it is bounded, and the rest is dropped.
/// <para>
/// Disposing sends what waits, as far as peers take it in time, then ends all streams. Sessions go on.
/// </para>
/// </remarks>
internal sealed class PeerMessageStreams : IAsyncDisposable
{
    private readonly ILocalPeer _local;
    private readonly PeerMessageOptions _options;
    private readonly IPeerMessageHandler _handler;
    private readonly Lock _gate = new();
    private readonly Dictionary<PeerId, PeerMessageLane> _lanes = [];
    private readonly RunningTasks _running = new();
    private readonly List<IStreamListener> _listeners = [];
    private readonly List<Task> _accepting = [];
    private readonly CancellationTokenSource _closing = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Lazy<Task> _disposal;
    private bool _isClosed;

    /// <summary>Serves the protocol from now on, to those who are connected already, too.</summary>
    /// <param name="local">This peer. Stays the caller's.</param>
    /// <param name="options">How.</param>
    /// <param name="handler">Hears of it, from within this call on.</param>
    /// <exception cref="SwarmException"><c>protocol_taken</c></exception>
    public PeerMessageStreams(ILocalPeer local, PeerMessageOptions options, IPeerMessageHandler handler)
    {
        (_local, _options, _handler, _disposal) = (local, options, handler, new(StopAsync));
        Listen();
        local.Connected += Begin;
        foreach (var session in local.Sessions)
        {
            Begin(session);
        }
    }

    /// <summary>Has a message sent to a peer. Does not wait.</summary>
    /// <param name="to">Who.</param>
    /// <param name="message">Without its length; must not change any more.</param>
    /// <returns>False: it is dropped, as there is no session, or no room.</returns>
    public bool Send(PeerId to, ReadOnlyMemory<byte> message) => Find(to)?.Send(message) ?? false;

    /// <summary>Messages that wait for a peer.</summary>
    public int QueuedFor(PeerId peer) => Find(peer)?.Queued ?? 0;

    public ValueTask DisposeAsync() => new(_disposal.Value);

    private void Listen()
    {
        try
        {
            foreach (var id in _options.ProtocolIds)
            {
                _listeners.Add(_local.Listen(id));
            }
        }
        catch
        {
            // They have accepted nothing yet, so there is nothing to wait for.
            _listeners.ForEach(listener => _running.Add(listener.DisposeAsync().AsTask()));
            throw;
        }

        _accepting.AddRange(_listeners.Select(AcceptAsync));
    }

    private PeerMessageLane? Find(PeerId peer)
    {
        lock (_gate)
        {
            return _lanes.GetValueOrDefault(peer);
        }
    }

    private void Begin(ISession session)
    {
        lock (_gate)
        {
            var former = _lanes.GetValueOrDefault(session.RemotePeer);
            if (_isClosed || former?.Session == session || session.Closed.IsCompleted)
            {
                return;
            }

            var lane = new PeerMessageLane(session, _options, _handler);
            _lanes[session.RemotePeer] = lane;
            _running.Add(RunAsync(lane, former));
        }
    }

    private async Task RunAsync(PeerMessageLane lane, PeerMessageLane? former)
    {
        await Task.Yield();
        await (former?.Completion ?? Task.CompletedTask);
        await lane.RunAsync(_closing.Token, _stop.Token);
        lock (_gate)
        {
            if (_lanes.GetValueOrDefault(lane.Session.RemotePeer) == lane)
            {
                _lanes.Remove(lane.Session.RemotePeer);
            }
        }

        lane.Dispose();
    }

    private async Task AcceptAsync(IStreamListener listener)
    {
        while (await listener.AcceptAsync(CancellationToken.None) is { } stream)
        {
            if (Find(stream.RemotePeer)?.Take(stream) != true)
            {
                TransportLog.MessageStreamRefused(_options.Logger, stream.RemotePeer, stream.ProtocolId);
                await stream.DisposeAsync();
            }
        }
    }

    private async Task StopAsync()
    {
        _local.Connected -= Begin;
        lock (_gate)
        {
            _isClosed = true;
            foreach (var lane in _lanes.Values)
            {
                lane.Complete();
            }
        }

        foreach (var listener in _listeners)
        {
            await listener.DisposeAsync();
        }

        await _closing.CancelAsync();
        await CloseLanesAsync();
        await Task.WhenAll(_accepting);
        _closing.Dispose();
        _stop.Dispose();
    }

    private async Task CloseLanesAsync()
    {
        var ended = _running.WhenEmptyAsync();
        try
        {
            await ended.WaitAsync(_options.CloseTimeout, _options.Time);
        }
        catch (TimeoutException)
        {
            await _stop.CancelAsync();
            await ended;
        }
    }
}
