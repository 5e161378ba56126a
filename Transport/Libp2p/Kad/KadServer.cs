using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Libp2p.Identify;
using ManagedSwarm.Transport.Libp2p.Sessions;

namespace ManagedSwarm.Transport.Libp2p.Kad;

/// <summary>Answers others' requests, several by one stream where they want that.</summary>
/// <param name="local">This peer.</param>
/// <param name="protocolId">The DHT's.</param>
/// <param name="directory">What is told, and learned.</param>
/// <param name="options">How.</param>
/// <param name="heard">Hears who has asked.</param>
internal sealed class KadServer(ILocalPeer local, string protocolId, KadDirectory directory, KadOptions options, Action<PeerId> heard)
{
    private readonly IStreamListener _listener = local.Listen(protocolId);
    private readonly RequestQuota _quota = new(options.Limits, options.Time);
    private readonly RunningTasks _tasks = new();

    /// <summary>Where this node can be reached.</summary>
    public IReadOnlyList<Multiaddress> Addresses => options.Addresses?.Invoke() ?? local.ListenAddresses;

    /// <summary>Whether a peer has a stream by which it asks.</summary>
    public bool Serves(PeerId peer) => _quota.IsIn(peer);

    /// <summary>Serves until it is cancelled, and ends when all streams have. Throws nothing.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await _listener.AcceptAsync(cancellationToken) is { } stream)
            {
                _tasks.Add(ServeAsync(stream, cancellationToken));
            }
        }
        catch (OperationCanceledException)
        {
            // The DHT is disposed.
        }

        await _listener.DisposeAsync();
        await _tasks.WhenEmptyAsync();
    }

    /// <summary>The answer to a request; null: there is none.</summary>
    /// <exception cref="SwarmException"><c>kad_refused</c>; <c>invalid_message</c></exception>
    public KadMessage? Answer(PeerId from, KadMessage request)
    {
        if (request.Type is not (KadMessageType.FindNode or KadMessageType.GetProviders or KadMessageType.AddProvider))
        {
            throw new SwarmException("kad_refused", $"{request.Type} of {from}: served are FindNode, GetProviders and AddProvider.");
        }

        if (request.Key.IsEmpty)
        {
            throw new SwarmException("invalid_message", $"{request.Type} of {from} has no key.");
        }

        switch (request.Type)
        {
            case KadMessageType.FindNode:
                return new() { Type = request.Type, CloserPeers = [.. FindCloser(from, request.Key)] };
            case KadMessageType.GetProviders:
                return new()
                {
                    Type = request.Type,
                    Key = request.Key,
                    CloserPeers = [.. FindCloser(from, request.Key)],
                    ProviderPeers = directory.FindProviders(request.Key),
                };
            default:
                var outcome = directory.AddProvider(request.Key, from, request.ProviderPeers);
                TransportLog.KadProvider(options.Logger, from, outcome);
                return null;
        }
    }

    private async Task ServeAsync(IMuxStream stream, CancellationToken cancellationToken)
    {
        await using var owned = stream;
        try
        {
            _quota.Enter(stream.RemotePeer);
            try
            {
                await AnswerAllAsync(stream, cancellationToken);
            }
            finally
            {
                _quota.Leave(stream.RemotePeer);
            }
        }
        catch (SwarmException exception)
        {
            stream.Reset();
            TransportLog.KadStreamEnded(options.Logger, stream.RemotePeer, exception.Code, exception.Message);
        }
        catch (OperationCanceledException exception)
        {
            stream.Reset();
            TransportLog.KadStreamEnded(options.Logger, stream.RemotePeer, "kad_timeout", exception.Message);
        }
    }

    private async Task AnswerAllAsync(IMuxStream stream, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var limit = new TimeLimit(options.Timeouts.NextRequest, options.Time, cancellationToken);
            if (await DelimitedMessage.ReadAsync(stream, KadMessageCodec.MaxRequestBytes, limit.Token) is not { } bytes)
            {
                await stream.CloseWriteAsync(limit.Token);
                return;
            }

            _quota.Take(stream.RemotePeer);
            heard(stream.RemotePeer);
            if (Answer(stream.RemotePeer, KadMessageCodec.Read(bytes)) is { } answer)
            {
                await DelimitedMessage.WriteAsync(stream, KadMessageCodec.Write(answer), limit.Token);
            }
        }
    }

    /// <summary>The k closest but the asker, and the peer itself that is asked for, if it is this one or there is a session with it.</summary>
    private IEnumerable<KadPeer> FindCloser(PeerId asker, ReadOnlyMemory<byte> key)
    {
        var closest = directory.FindClosest(KadId.Of(key.Span)).Where(peer => peer.Id != asker && peer.Addresses.Count > 0);
        return PeerId.TryFromBytes(key.Span, out var wanted) && wanted != asker && AddressesOf(wanted) is { Count: > 0 } addresses
            ? closest.Where(peer => peer.Id != wanted).Prepend(new(wanted, addresses, KadConnection.Connected)).Take(options.Lookup.Closest)
            : closest;
    }

    private IReadOnlyList<Multiaddress> AddressesOf(PeerId wanted)
    {
        if (wanted == local.PeerId)
        {
            return Addresses;
        }

        return local.Sessions.Any(session => session.RemotePeer == wanted) ? local.PeerStore.AddressesOf(wanted) : [];
    }
}
