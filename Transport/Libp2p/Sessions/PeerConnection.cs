using ManagedSwarm.Transport.Libp2p.Multistream;
using ManagedSwarm.Transport.Libp2p.Tcp;
using ManagedSwarm.Transport.Libp2p.Yamux;

namespace ManagedSwarm.Transport.Libp2p.Sessions;

/// <summary>One connection with a peer and its streams.</summary>
internal sealed class PeerConnection : ILink, IAsyncDisposable
{
    private const string Muxer = "/yamux/1.0.0";

    private readonly PeerContext _context;
    private readonly IDisposable _place;
    private readonly YamuxConnection _yamux;

    /// <param name="upgraded">Becomes the connection's.</param>
    /// <param name="place">The connection's place in the quota, released at its end.</param>
    /// <param name="context">The local peer's.</param>
    public PeerConnection(UpgradedConnection upgraded, IDisposable place, PeerContext context)
    {
        (RemotePeer, RemoteAddress, IsDialer) = (upgraded.RemotePeer, upgraded.RemoteAddress, upgraded.IsDialer);
        (_context, _place) = (context, place);
        _yamux = new(new MeteredChannel(upgraded.Channel, context.Metrics), IsDialer, context.Options.Yamux, context.Options.Time);
    }

    /// <summary>The multiplexers that a connection can have.</summary>
    public static IReadOnlyList<string> Muxers { get; } = [Muxer];

    public PeerId RemotePeer { get; }

    public Multiaddress RemoteAddress { get; }

    public bool IsDialer { get; }

    public bool IsOpen => _yamux.CloseReason is null;

    /// <summary>Ends when the connection does, never with an exception.</summary>
    public Task Closed => _yamux.Closed;

    /// <summary>Why it ends; null: it does not.</summary>
    public SwarmException? CloseReason => _yamux.CloseReason;

    /// <summary>Streams that are not over, or not read to their end.</summary>
    public int StreamCount => _yamux.StreamCount;

    /// <summary>The buffers that its streams use.</summary>
    public RentedBuffers Buffers => _yamux.Buffers;

    /// <summary>Serves the other side's streams until the connection is over.</summary>
    public async Task ServeAsync()
    {
        using var inbound = new InboundStreams(this, _yamux, _context);
        await inbound.RunAsync();
        await Closed;
        _place.Dispose();
    }

    /// <summary>Opens a stream.</summary>
    /// <param name="isLazy">Whether the protocol is taken for granted.</param>
    /// <exception cref="SwarmException">See <see cref="ISession.OpenStreamAsync"/>.</exception>
    public async ValueTask<IMuxStream> OpenStreamAsync(string protocolId, bool isLazy, CancellationToken cancellationToken)
    {
        var limit = _context.Options.Timeouts.Negotiation;
        using var time = new TimeLimit(limit, _context.Options.Time, cancellationToken);
        try
        {
            var stream = new PeerStream(await _yamux.OpenStreamAsync(time.Token), RemotePeer) { ProtocolId = protocolId };
            return isLazy ? new LazyStream(stream, protocolId) : await NegotiateAsync(stream, time.Token);
        }
        catch (OperationCanceledException) when (time.IsOver)
        {
            throw new SwarmException("negotiation_timeout", $"{RemotePeer} has not answered to {protocolId} within {limit.TotalSeconds} s.");
        }
        catch (SwarmException exception) when (CloseReason is { } reason && exception.Code != "session_closed")
        {
            throw new SwarmException("session_closed", $"The session with {RemotePeer} is over: {reason.Message}", exception);
        }
    }

    /// <summary>Ends the connection and all its streams.</summary>
    public async ValueTask DisposeAsync()
    {
        await _yamux.DisposeAsync();
        _place.Dispose();
    }

    private static async ValueTask<IMuxStream> NegotiateAsync(PeerStream stream, CancellationToken cancellationToken)
    {
        try
        {
            await MultistreamDialer.SelectAsync(new StreamDuplex(stream), [stream.ProtocolId], cancellationToken);
            return stream;
        }
        catch
        {
            stream.Reset();
            throw;
        }
    }
}
