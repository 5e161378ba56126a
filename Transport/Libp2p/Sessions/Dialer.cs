using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Libp2p.Tcp;

namespace ManagedSwarm.Transport.Libp2p.Sessions;

/// <summary>Connects to peers by their addresses, one after the other.</summary>
internal sealed class Dialer(PeerContext context, Upgrader upgrader, ConnectionQuota quota, SessionTable sessions)
{
    /// <summary>Addresses of one peer that are tried; others name as many as they like.</summary>
    public const int MaxAddresses = 16;

    /// <param name="peer">Who must answer; null: anybody.</param>
    /// <param name="addresses">One at least; of more than <see cref="MaxAddresses"/> the last ones are not tried.</param>
    /// <exception cref="SwarmException">See <see cref="ILocalPeer.DialAsync(IReadOnlyList{Multiaddress}, CancellationToken)"/>.</exception>
    public async Task<Session> DialAsync(PeerId? peer, IReadOnlyList<Multiaddress> addresses, CancellationToken cancellationToken)
    {
        List<SwarmException> errors = [];
        foreach (var address in addresses.Take(MaxAddresses))
        {
            // It may have dialed this side meanwhile.
            if (peer is not null && sessions.Find(peer) is { } session)
            {
                return session;
            }

            try
            {
                return await DialAsync(peer, address, cancellationToken);
            }
            catch (SwarmException exception)
            {
                TransportLog.DialFailed(context.Options.Logger, address, exception.Code, exception.Message);
                errors.Add(exception);
            }
        }

        throw errors is [var only] ? only : Sum(errors);
    }

    private static SwarmException Sum(List<SwarmException> errors)
    {
        var code = errors.TrueForAll(error => error.Code == errors[0].Code) ? errors[0].Code : "unreachable";
        return new(code, $"None of {errors.Count} addresses works: {string.Join("; ", errors.Select(error => error.Message))}", errors[0]);
    }

    private async Task<Session> DialAsync(PeerId? peer, Multiaddress address, CancellationToken cancellationToken)
    {
        var place = quota.Take(from: null);
        try
        {
            var upgraded = await ConnectAsync(peer, address, cancellationToken);
            if (upgraded.RemotePeer == context.Self)
            {
                await upgraded.Channel.DisposeAsync();
                throw DialedSelf(address);
            }

            context.Store.AddAddresses(upgraded.RemotePeer, address);
            return await sessions.AddAsync(new PeerConnection(upgraded, place, context));
        }
        catch
        {
            place.Dispose();
            throw;
        }
    }

    /// <summary>What is wrong with one's own address.</summary>
    public static SwarmException DialedSelf(Multiaddress address) => new("dialed_self", $"{address} is this peer itself.");

    private async Task<UpgradedConnection> ConnectAsync(PeerId? peer, Multiaddress address, CancellationToken cancellationToken)
    {
        var limit = context.Options.Timeouts.Connect;
        using var time = new TimeLimit(limit, context.Options.Time, cancellationToken);
        try
        {
            var socket = await TcpDialer.ConnectAsync(address, time.Token);
            return await upgrader.DialAsync(socket, peer, cancellationToken);
        }
        catch (OperationCanceledException) when (time.IsOver)
        {
            throw new SwarmException("unreachable", $"Cannot reach {address}: nobody has answered within {limit.TotalSeconds} s.");
        }
        catch (SwarmException exception) when (exception.Code == "connection_lost")
        {
            // Who does not know the swarm's secrets is left without a word.
            throw new SwarmException(
                "handshake_failed",
                $"{address} has closed the connection during the handshake: it is in another swarm (has another token, or none), or takes no more connections.",
                exception);
        }
    }
}
