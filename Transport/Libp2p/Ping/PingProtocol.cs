using System.Security.Cryptography;
using ManagedSwarm.Transport.Libp2p.Sessions;

namespace ManagedSwarm.Transport.Libp2p.Ping;

/// <summary>
/// <c>/ipfs/ping/1.0.0</c> (https://github.com/libp2p/specs/blob/master/ping/ping.md): 32 bytes come back as they are, again and again until
/// the dialer closes.
/// </summary>
internal sealed class PingProtocol(TimeSpan timeout, TimeProvider time)
{
    public const string Id = "/ipfs/ping/1.0.0";

    /// <summary>Of one peer; the specification wants no more to be served.</summary>
    public const int MaxInboundStreams = 2;

    private const int Length = 32;

    private readonly Lock _gate = new();
    private readonly Dictionary<PeerId, int> _inbound = [];

    /// <summary>Answers.</summary>
    public async Task ServeAsync(IMuxStream stream, PeerConnection connection, CancellationToken cancellationToken)
    {
        Enter(stream.RemotePeer);
        try
        {
            var buffer = new byte[Length];
            while (await stream.ReadFullyAsync(buffer, cancellationToken) == Length)
            {
                await stream.WriteAsync(buffer, cancellationToken);
            }
        }
        finally
        {
            // Before it is closed: whoever has seen that may open another at once.
            Leave(stream.RemotePeer);
        }

        await stream.CloseWriteAsync(cancellationToken);
        await stream.DisposeAsync();
    }

    /// <summary>Asks.</summary>
    /// <returns>The round trip.</returns>
    /// <exception cref="SwarmException">See <see cref="ILocalPeer.PingAsync"/>.</exception>
    public async ValueTask<TimeSpan> PingAsync(ISession session, CancellationToken cancellationToken)
    {
        using var limit = new TimeLimit(timeout, time, cancellationToken);
        await using var stream = await session.OpenStreamAsync(Id, cancellationToken);
        try
        {
            var roundTrip = await ExchangeAsync(stream, limit.Token);
            await stream.CloseWriteAsync(limit.Token);

            // Until it has closed as well, the other side counts this stream.
            await stream.ReadFullyAsync(new byte[1], limit.Token);
            return roundTrip;
        }
        catch (OperationCanceledException) when (limit.IsOver)
        {
            throw new SwarmException("ping_failed", $"{session.RemotePeer} has not answered within {timeout.TotalSeconds} s.");
        }
    }

    private async ValueTask<TimeSpan> ExchangeAsync(IMuxStream stream, CancellationToken cancellationToken)
    {
        var (sent, received) = (RandomNumberGenerator.GetBytes(Length), new byte[Length]);
        var start = time.GetTimestamp();
        await stream.WriteAsync(sent, cancellationToken);
        var count = await stream.ReadFullyAsync(received, cancellationToken);
        var roundTrip = time.GetElapsedTime(start);
        return count == Length && received.AsSpan().SequenceEqual(sent)
            ? roundTrip
            : throw new SwarmException("ping_failed", $"{stream.RemotePeer} has answered with {count} bytes, not with the {Length} that were sent.");
    }

    private void Enter(PeerId peer)
    {
        lock (_gate)
        {
            var count = _inbound.GetValueOrDefault(peer);
            _inbound[peer] = count < MaxInboundStreams
                ? count + 1
                : throw new SwarmException("too_many_streams", $"{peer} has {count} streams for pings, allowed are {MaxInboundStreams}.");
        }
    }

    private void Leave(PeerId peer)
    {
        lock (_gate)
        {
            if (--_inbound[peer] == 0)
            {
                _inbound.Remove(peer);
            }
        }
    }
}
