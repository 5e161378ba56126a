using System.Threading.Channels;

namespace ManagedSwarm.Transport.Libp2p.Sessions;

/// <summary>Keeps the streams of a protocol until they are accepted.</summary>
internal sealed class StreamListener : IStreamListener
{
    private readonly string _protocolId;
    private readonly ProtocolTable _protocols;
    private readonly int _capacity;
    private readonly StreamHandler _handler;
    private readonly Channel<IMuxStream> _waiting;

    /// <summary>Listens from now on.</summary>
    /// <param name="capacity">Streams that may wait.</param>
    /// <exception cref="SwarmException"><c>protocol_taken</c></exception>
    public StreamListener(string protocolId, ProtocolTable protocols, int capacity)
    {
        (_protocolId, _protocols, _capacity, _handler) = (protocolId, protocols, capacity, HandleAsync);
        _waiting = Channel.CreateBounded<IMuxStream>(capacity);
        protocols.Add(protocolId, _handler);
    }

    public async ValueTask<IMuxStream?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _waiting.Reader.WaitToReadAsync(cancellationToken))
        {
            if (_waiting.Reader.TryRead(out var stream))
            {
                return stream;
            }
        }

        return null;
    }

    public async ValueTask DisposeAsync()
    {
        _protocols.Remove(_protocolId, _handler);
        _waiting.Writer.TryComplete();
        while (_waiting.Reader.TryRead(out var stream))
        {
            await stream.DisposeAsync();
        }
    }

    private Task HandleAsync(IMuxStream stream, PeerConnection connection, CancellationToken cancellationToken) =>
        _waiting.Writer.TryWrite(stream)
            ? Task.CompletedTask
            : throw new SwarmException("too_many_streams", $"{_capacity} streams wait to be accepted, or nobody accepts them any more.");
}
