using System.Threading.Channels;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Tests.Transport.Streams;

/// <summary>A local peer in memory, who dials itself; it counts the ends of streams that are not disposed.</summary>
internal sealed class MemoryNetwork(int capacity = 64 << 10) : IStreamListenerSource
{
    private readonly Dictionary<string, Listener> _listeners = [];
    private readonly Lock _gate = new();
    private TaskCompletionSource _noneOpen = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _open;

    /// <summary>Who is at both ends.</summary>
    public static PeerId Peer { get; } = PeerId.FromPublicKeyMessage([0x08, 0x01, 0x12, 0x20, .. new byte[32]]);

    /// <summary>Streams that were dialled.</summary>
    public int Dialled { get; private set; }

    /// <summary>Ends when no stream is open.</summary>
    public Task NoneOpen
    {
        get
        {
            lock (_gate)
            {
                return _open == 0 ? Task.CompletedTask : _noneOpen.Task;
            }
        }
    }

    public IStreamListener Listen(string protocolId)
    {
        lock (_gate)
        {
            return _listeners[protocolId] = new Listener();
        }
    }

    public ValueTask<IMuxStream> DialAsync(PeerId peer, string protocolId, CancellationToken cancellationToken)
    {
        Assert.Equal(Peer, peer);
        return new(Dial(protocolId));
    }

    public MemoryMuxStream Dial(string protocolId)
    {
        lock (_gate)
        {
            var (mine, theirs) = MemoryMuxStream.Pair(protocolId, capacity, EndClosed);
            if (!_listeners.TryGetValue(protocolId, out var listener) || !listener.Offer(theirs))
            {
                throw new SwarmException("protocol_refused", $"nobody listens for {protocolId}");
            }

            Dialled++;
            _open += 2;
            return mine;
        }
    }

    private void EndClosed()
    {
        lock (_gate)
        {
            if (--_open == 0)
            {
                _noneOpen.SetResult();
                _noneOpen = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    private sealed class Listener : IStreamListener
    {
        private readonly Channel<IMuxStream> _streams = Channel.CreateUnbounded<IMuxStream>();

        public bool Offer(IMuxStream stream) => _streams.Writer.TryWrite(stream);

        public async ValueTask<IMuxStream?> AcceptAsync(CancellationToken cancellationToken = default) =>
            await _streams.Reader.WaitToReadAsync(cancellationToken) && _streams.Reader.TryRead(out var stream) ? stream : null;

        public async ValueTask DisposeAsync()
        {
            _streams.Writer.TryComplete();
            while (_streams.Reader.TryRead(out var stream))
            {
                await stream.DisposeAsync();
            }
        }
    }
}
