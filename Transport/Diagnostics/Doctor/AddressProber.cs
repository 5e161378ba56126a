using System.Net.Sockets;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Transport.Diagnostics.Doctor;

/// <summary>Tries an address with an identity that nobody has seen before, and asks who answers.</summary>
internal sealed class AddressProber(SwarmToken token, NodeView? node, SwarmDoctorOptions options)
{
    public async Task<AddressProbe> ProbeAsync(DoctorAddress address, CancellationToken cancellationToken)
    {
        var probe = new AddressProbe { Address = address.Address, Source = address.Source, Outcome = ProbeOutcome.Connected };
        if (address.Address is not { TcpEndPoint: not null, TcpPort: not 0 })
        {
            return probe with { Outcome = ProbeOutcome.Undialable, Detail = "only an IP address or a name and a TCP port can be dialed" };
        }

        // One for each: two nodes of one identity must not become one session.
        using var identity = Identity.Generate();
        await using var peer = new LocalPeer(identity, ProbeOptions.For(token, options.StepTimeout, options.Time));
        try
        {
            var session = await peer.DialAsync(address.Address.WithoutPeerId(), cancellationToken);
            var own = session.RemotePeer == node?.Self ? [] : node?.Addresses ?? await ListenAsync(peer, cancellationToken);
            var interview = new PeerInterview(new SwarmKeys(token), own, node?.Self ?? peer.PeerId, options);
            return probe with { Answered = session.RemotePeer, Report = await interview.AskAsync(session, cancellationToken) };
        }
        catch (SwarmException exception)
        {
            var (outcome, detail) = await ExplainAsync(address.Address, exception, cancellationToken);
            return probe with { Outcome = outcome, Detail = detail };
        }
    }

    private async Task<IReadOnlyList<Multiaddress>> ListenAsync(LocalPeer peer, CancellationToken cancellationToken)
    {
        try
        {
            if (options.Listen is not null)
            {
                await peer.StartListenAsync([options.Listen], cancellationToken);
            }
        }
        catch (SwarmException)
        {
            // Then nobody can be asked to dial back.
        }

        return peer.ListenAddresses;
    }

    private async Task<(ProbeOutcome Outcome, string Detail)> ExplainAsync(
        Multiaddress address, SwarmException exception, CancellationToken cancellationToken)
    {
        if (exception.Code is not ("handshake_failed" or "handshake_timeout" or "connection_lost"))
        {
            return (OutcomeOf(exception), exception.Message);
        }

        var seen = await new DoorKnock(options.KnockTimeout, options.Time).KnockAsync(address, cancellationToken);
        return seen.Outcome switch
        {
            // Who does not know the secrets is sent away at once, and not kept waiting.
            ProbeOutcome.AnotherToken or ProbeOutcome.Failed when exception.Code == "handshake_timeout" =>
                (ProbeOutcome.NoAnswer, "it takes the connection, but does not go on with the handshake"),
            ProbeOutcome.Failed => (ProbeOutcome.Failed, $"{exception.Message} Then, {seen.Detail}"),
            _ => seen,
        };
    }

    private static ProbeOutcome OutcomeOf(SwarmException exception)
    {
        if (exception.Code == "invalid_address")
        {
            return ProbeOutcome.Undialable;
        }

        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is SocketException socket)
            {
                return OutcomeOf(socket.SocketErrorCode);
            }
        }

        // Only a time that is over has no cause.
        return exception.Code == "unreachable" ? ProbeOutcome.TimedOut : ProbeOutcome.Failed;
    }

    private static ProbeOutcome OutcomeOf(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => ProbeOutcome.Refused,
        SocketError.TimedOut => ProbeOutcome.TimedOut,
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => ProbeOutcome.UnknownName,
        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.NetworkDown or SocketError.HostDown
            or SocketError.AddressNotAvailable or SocketError.AccessDenied => ProbeOutcome.HostUnreachable,
        _ => ProbeOutcome.Failed,
    };
}
