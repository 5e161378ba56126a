using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Libp2p.Tcp;

namespace ManagedSwarm.Transport.Libp2p.Sessions;

/// <summary>Connects to peers by their addresses, which are tried side by side (<see cref="StaggeredRace{TResult, TError}"/>).</summary>
internal sealed class Dialer(PeerContext context, Upgrader upgrader, ConnectionQuota quota, SessionTable sessions)
{
    /// <summary>Addresses of one peer that are tried; others name as many as they like.</summary>
    public const int MaxAddresses = 16;

    // Each takes one of the connections that this side may have.
    private const int SideBySide = 8;

    private readonly StaggeredRace<Dialed, SwarmException> _race =
        new(context.Options.Timeouts.NextAddress, SideBySide, context.Options.Time);

    /// <param name="peer">Who must answer; null: anybody.</param>
    /// <param name="addresses">One at least; of more than <see cref="MaxAddresses"/> the last ones are not tried.</param>
    /// <exception cref="SwarmException">See <see cref="ILocalPeer.DialAsync(IReadOnlyList{Multiaddress}, CancellationToken)"/>.</exception>
    public async Task<Session> DialAsync(PeerId? peer, IReadOnlyList<Multiaddress> addresses, CancellationToken cancellationToken)
    {
        var attempts = DialOrder.Sort(addresses.Take(MaxAddresses)).Select(
            Func<CancellationToken, Task<Dialed>> (address) => token => TryAsync(peer, address, token));
        var (winner, errors) = await _race.RunAsync(attempts, dialed => dialed.DisposeAsync(), cancellationToken);
        if (winner is null)
        {
            throw errors is [var only] ? only : Sum(errors);
        }

        return winner.Session ?? await AddAsync(winner);
    }

    /// <summary>What is wrong with one's own address.</summary>
    public static SwarmException DialedSelf(Multiaddress address) => new("dialed_self", $"{address} is this peer itself.");

    private static SwarmException Sum(IReadOnlyList<SwarmException> errors)
    {
        var code = errors.All(error => error.Code == errors[0].Code) ? errors[0].Code : "unreachable";
        return new(code, $"None of {errors.Count} addresses works: {string.Join("; ", errors.Select(error => error.Message))}", errors[0]);
    }

    private async Task<Dialed> TryAsync(PeerId? peer, Multiaddress address, CancellationToken cancellationToken)
    {
        // It may have dialed this side meanwhile.
        if (peer is not null && sessions.Find(peer) is { } session)
        {
            return new(address, session);
        }

        try
        {
            return await DialAsync(peer, address, cancellationToken);
        }
        catch (SwarmException exception)
        {
            TransportLog.DialFailed(context.Options.Logger, address, exception.Code, exception.Message);
            throw;
        }
    }

    private async Task<Dialed> DialAsync(PeerId? peer, Multiaddress address, CancellationToken cancellationToken)
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

            return new(address, Session: null, upgraded, place);
        }
        catch
        {
            place.Dispose();
            throw;
        }
    }

    private async Task<Session> AddAsync(Dialed dialed)
    {
        var (upgraded, place) = (dialed.Connection!, dialed.Place!);
        try
        {
            context.Store.AddAddresses(upgraded.RemotePeer, dialed.Address);
            return await sessions.AddAsync(new PeerConnection(upgraded, place, context));
        }
        catch
        {
            place.Dispose();
            throw;
        }
    }

    private async Task<UpgradedConnection> ConnectAsync(PeerId? peer, Multiaddress address, CancellationToken cancellationToken)
    {
        var (timeouts, clock) = (context.Options.Timeouts, context.Options.Time);
        using var time = new TimeLimit(timeouts.Connect, clock, cancellationToken);
        try
        {
            var socket = await TcpDialer.ConnectAsync(address, time.Token, timeouts.NextAddress, clock);
            return await upgrader.DialAsync(socket, peer, cancellationToken);
        }
        catch (OperationCanceledException) when (time.IsOver)
        {
            throw new SwarmException("unreachable", $"Cannot reach {address}: nobody has answered within {timeouts.Connect.TotalSeconds} s.");
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

    /// <summary>What an address came to.</summary>
    /// <param name="Address">Which.</param>
    /// <param name="Session">One that there was meanwhile; null: the address was dialed.</param>
    /// <param name="Connection">What was dialed.</param>
    /// <param name="Place">The connection's in the quota.</param>
    private sealed record Dialed(Multiaddress Address, Session? Session, UpgradedConnection? Connection = null, IDisposable? Place = null)
        : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            if (Connection is not null)
            {
                await Connection.Channel.DisposeAsync();
            }

            Place?.Dispose();
        }
    }
}
