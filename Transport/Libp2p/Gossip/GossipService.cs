using System.Buffers;
using System.Threading.Channels;
using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Libp2p.Messages;
using Microsoft.Extensions.Logging;

namespace ManagedSwarm.Transport.Libp2p.Gossip;

/// <summary>
/// gossipsub of a local peer: <c>/meshsub/1.1.0</c>, and <c>/meshsub/1.0.0</c> of those who know no better. Messages are signed, and those
/// of others are delivered once where their authors have signed them. Safe for use by many threads.
/// </summary>
internal sealed class GossipService : IAsyncDisposable
{
    /// <summary>The protocol's ids, the newest first.</summary>
    public static readonly IReadOnlyList<string> ProtocolIds = ["/meshsub/1.1.0", "/meshsub/1.0.0"];

    // Of all topics; whoever reads them decides by its pace when it is full.
    private const int MaxWaiting = 1_024;

    private readonly Identity _identity;
    private readonly GossipOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly long _start;
    private readonly Lock _gate = new();
    private readonly GossipRouter _router;
    private readonly Channel<GossipMessage> _messages = Channel.CreateBounded<GossipMessage>(MaxWaiting);
    private readonly CancellationTokenSource _stop = new();
    private readonly PeerMessageStreams _streams;
    private readonly Task _beating;
    private readonly Lazy<Task> _disposal;
    private ulong _lastNumber;
    private bool _isDropping;

    /// <param name="local">Stays the caller's.</param>
    /// <param name="identity">That of <paramref name="local"/>; stays the caller's.</param>
    /// <param name="time">The clock of all waits.</param>
    /// <param name="logger">Hears of what is dropped.</param>
    /// <param name="options">Null: the defaults. Messages must be accepted by it and be signed.</param>
    /// <exception cref="SwarmException"><c>protocol_taken</c></exception>
    public GossipService(ILocalPeer local, Identity identity, TimeProvider time, ILogger logger, GossipOptions? options = null)
    {
        (_identity, _time, _logger, _start) = (identity, time, logger, time.GetTimestamp());
        var accepts = options?.Accepts;
        _options = (options ?? new()) with
        {
            Accepts = (from, message) => IsSigned(from, message) && accepts?.Invoke(from, message) != false,
        };
        _router = new(local.PeerId, _options, Random.Shared.Next(), new Output(this));
        _lastNumber = (ulong)(time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks;
        _disposal = new(StopAsync);
        lock (_gate)
        {
            // Peers are heard of at once.
            _streams = new(local, CreateStreamOptions(), new Handler(this));
        }

        _beating = BeatAsync();
    }

    /// <summary>What others have published in the topics of this peer. Where nobody reads, later ones are dropped.</summary>
    public ChannelReader<GossipMessage> Messages => _messages.Reader;

    public void Subscribe(string topic)
    {
        lock (_gate)
        {
            _router.Subscribe(topic, Now);
        }
    }

    public void Unsubscribe(string topic)
    {
        lock (_gate)
        {
            _router.Unsubscribe(topic);
        }
    }

    /// <summary>Signs a message and sends it to all that are connected and subscribe to its topic.</summary>
    /// <exception cref="SwarmException"><c>message_too_large</c></exception>
    public void Publish(string topic, ReadOnlyMemory<byte> data)
    {
        var message = GossipSigning.Sign(_identity, topic, data, Interlocked.Increment(ref _lastNumber));
        lock (_gate)
        {
            _router.Publish(message, Now);
        }
    }

    /// <inheritdoc cref="GossipRouter.NeighboursOf"/>
    public IReadOnlyList<PeerId> NeighboursOf(string topic)
    {
        lock (_gate)
        {
            return _router.NeighboursOf(topic);
        }
    }

    /// <inheritdoc cref="GossipRouter.SubscribersOf"/>
    public IReadOnlyList<PeerId> SubscribersOf(string topic)
    {
        lock (_gate)
        {
            return _router.SubscribersOf(topic);
        }
    }

    /// <inheritdoc cref="GossipRouter.AskedCount"/>
    public long AskedCount
    {
        get
        {
            lock (_gate)
            {
                return _router.AskedCount;
            }
        }
    }

    private TimeSpan Now => _time.GetElapsedTime(_start);

    public ValueTask DisposeAsync() => new(_disposal.Value);

    private PeerMessageOptions CreateStreamOptions() => new()
    {
        ProtocolIds = ProtocolIds,
        Framing = VarintFraming.Instance,
        MaxMessageBytes = _options.MaxRpcBytes,
        Time = _time,
        Logger = _logger,
    };

    private bool IsSigned(PeerId from, GossipMessage message)
    {
        var isSigned = GossipSigning.Verify(message);
        if (!isSigned)
        {
            TransportLog.GossipNotSigned(_logger, from, message.From, message.Topic);
        }

        return isSigned;
    }

    private async Task BeatAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(Beat(), _time, _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // All ends.
        }
    }

    /// <returns>How long until the next time.</returns>
    private TimeSpan Beat()
    {
        lock (_gate)
        {
            _router.Tick(Now);
            var wait = _router.NextTick == TimeSpan.MaxValue ? _options.HeartbeatInterval : _router.NextTick - Now;
            return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
        }
    }

    private async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _beating;
        await _streams.DisposeAsync();
        _messages.Writer.TryComplete();
        _stop.Dispose();
    }

    private sealed class Output(GossipService service) : IGossipOutput
    {
        public void Send(PeerId to, GossipRpc rpc) => service._streams.Send(to, rpc.ToBytes());

        public void Deliver(PeerId from, GossipMessage message)
        {
            var isTaken = service._messages.Writer.TryWrite(message);
            if (!isTaken && !service._isDropping)
            {
                TransportLog.GossipNotTaken(service._logger, message.Topic, MaxWaiting);
            }

            service._isDropping = !isTaken;
        }
    }

    private sealed class Handler(GossipService service) : IPeerMessageHandler
    {
        public void Opened(PeerId peer)
        {
            lock (service._gate)
            {
                service._router.AddPeer(peer, service.Now);
            }
        }

        public void Received(PeerId from, ReadOnlySequence<byte> message)
        {
            var rpc = GossipRpcCodec.Read(message.IsSingleSegment ? message.FirstSpan : message.ToArray(), service._options);
            lock (service._gate)
            {
                service._router.Receive(from, rpc, service.Now);
            }
        }

        public void Ended(PeerId peer)
        {
            lock (service._gate)
            {
                service._router.RemovePeer(peer);
            }
        }
    }
}
