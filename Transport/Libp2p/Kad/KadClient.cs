using ManagedSwarm.Transport.Libp2p.Identify;
using ManagedSwarm.Transport.Libp2p.Sessions;

namespace ManagedSwarm.Transport.Libp2p.Kad;

/// <summary>Asks other peers, by a stream for each request.</summary>
/// <param name="local">This peer.</param>
/// <param name="protocolId">The DHT's.</param>
/// <param name="sessions">Hears of those that are opened for it.</param>
/// <param name="options">How long it waits.</param>
internal sealed class KadClient(ILocalPeer local, string protocolId, LookupSessions sessions, KadOptions options)
{
    /// <summary>Sends a request and waits for its answer.</summary>
    /// <exception cref="SwarmException">
    /// <c>kad_timeout</c>; <c>invalid_message</c>; <c>stream_reset</c>: among others where the peer refuses the request; and as with
    /// <see cref="ILocalPeer.OpenStreamAsync"/>.
    /// </exception>
    public Task<KadMessage> AskAsync(KadPeer to, KadMessage request, CancellationToken cancellationToken) =>
        LimitAsync(to, request, AskAsync, cancellationToken);

    /// <summary>Sends a request that has no answer, and waits until the peer has taken it.</summary>
    /// <inheritdoc cref="AskAsync(KadPeer, KadMessage, CancellationToken)"/>
    public Task TellAsync(KadPeer to, KadMessage request, CancellationToken cancellationToken) =>
        LimitAsync(to, request, TellAsync, cancellationToken);

    private async Task<KadMessage> LimitAsync(
        KadPeer to, KadMessage request, Func<IMuxStream, KadMessage, CancellationToken, Task<KadMessage>> exchange, CancellationToken cancellationToken)
    {
        using var limit = new TimeLimit(options.Timeouts.Request, options.Time, cancellationToken);
        try
        {
            await using var stream = await OpenAsync(to, limit.Token);
            await DelimitedMessage.WriteAsync(stream, KadMessageCodec.Write(request), limit.Token);
            await stream.CloseWriteAsync(limit.Token);
            return await exchange(stream, request, limit.Token);
        }
        catch (OperationCanceledException) when (limit.IsOver)
        {
            throw new SwarmException("kad_timeout", $"{to.Id} has not answered {request.Type} within {options.Timeouts.Request.TotalSeconds} s.");
        }
    }

    private static async Task<KadMessage> AskAsync(IMuxStream stream, KadMessage request, CancellationToken cancellationToken)
    {
        var bytes = await DelimitedMessage.ReadAsync(stream, KadMessageCodec.MaxAnswerBytes, cancellationToken)
            ?? throw new SwarmException("invalid_message", $"{stream.RemotePeer} does not answer {request.Type}.");
        var answer = KadMessageCodec.Read(bytes);
        if (answer.Type != request.Type)
        {
            throw new SwarmException("invalid_message", $"{stream.RemotePeer} answers {request.Type} with {answer.Type}.");
        }

        return answer;
    }

    private static async Task<KadMessage> TellAsync(IMuxStream stream, KadMessage request, CancellationToken cancellationToken)
    {
        // A reset before the other side has read would take the message with it.
        await stream.ReadFullyAsync(new byte[1], cancellationToken);
        return request;
    }

    private async Task<IMuxStream> OpenAsync(KadPeer to, CancellationToken cancellationToken)
    {
        // Not whether there is a session with it: one that an earlier lookup gives up may be ending still, and another takes its place.
        var before = local.Sessions.Where(session => session.RemotePeer == to.Id).ToList();

        // What others say is tried, not remembered: the local peer remembers an address that has worked.
        var addresses = to.Addresses.Select(address => address.WithPeerId(to.Id)).ToList();
        var session = addresses.Count > 0
            ? await local.DialAsync(addresses, cancellationToken)
            : await local.DialAsync(to.Id, cancellationToken);
        if (!before.Contains(session))
        {
            sessions.Add(session);
        }

        return await session.OpenStreamAsync(protocolId, cancellationToken);
    }
}
