using System.Net;
using System.Net.Sockets;
using ManagedSwarm.Transport.Libp2p.Sessions;

namespace ManagedSwarm.Transport.Libp2p.Tcp;

/// <summary>Connects by TCP (https://github.com/libp2p/specs/blob/master/addressing/README.md). The caller's token limits the time.</summary>
internal static class TcpDialer
{
    /// <summary>Addresses of one name that are tried, in the system's order: a name can have any number of them.</summary>
    public const int MaxAddresses = 8;

    // RFC 8305, section 5.
    private static readonly TimeSpan UsualDelay = TimeSpan.FromMilliseconds(250);

    /// <summary>Connects to an address; where it is a name, to the first of its addresses that answers, which are tried side by side.</summary>
    /// <param name="address">An IP address or a name (<c>/ip4</c>, <c>/ip6</c>, <c>/dns</c>, <c>/dns4</c>, <c>/dns6</c>) and <c>/tcp</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="nextAddress">How long an address of a name has before the next is tried beside it; null: 250 ms.</param>
    /// <param name="time">The clock of that; null: the system's.</param>
    /// <exception cref="SwarmException">
    /// <c>invalid_address</c>: it is none of these; <c>unreachable</c>: the name is not known, or nobody answers.
    /// </exception>
    public static async ValueTask<Socket> ConnectAsync(
        Multiaddress address, CancellationToken cancellationToken, TimeSpan? nextAddress = null, TimeProvider? time = null)
    {
        var endPoint = address.TcpEndPoint
            ?? throw new SwarmException("invalid_address", $"Cannot dial {address}: only an IP address or a name and a TCP port can be dialed.");
        var candidates = await ResolveAsync(address, endPoint, cancellationToken);
        var race = new StaggeredRace<Socket, SocketException>(nextAddress ?? UsualDelay, MaxAddresses, time ?? TimeProvider.System);
        var (winner, causes) = await race.RunAsync(
            candidates.Select(Func<CancellationToken, Task<Socket>> (candidate) => token => ConnectAsync(candidate, token)),
            Discard,
            cancellationToken);
        return winner ?? throw Unreachable(address, string.Join("; ", causes.Select(cause => cause.Message)), causes[0]);
    }

    private static async Task<Socket> ConnectAsync(IPEndPoint candidate, CancellationToken cancellationToken)
    {
        var socket = new Socket(candidate.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(candidate, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static ValueTask Discard(Socket late)
    {
        late.Dispose();
        return ValueTask.CompletedTask;
    }

    private static async ValueTask<IReadOnlyList<IPEndPoint>> ResolveAsync(Multiaddress address, EndPoint endPoint, CancellationToken cancellationToken)
    {
        if (endPoint is not DnsEndPoint name)
        {
            return [(IPEndPoint)endPoint];
        }

        try
        {
            var addresses = await Dns.GetHostAddressesAsync(name.Host, name.AddressFamily, cancellationToken);
            return addresses.Length > 0
                ? [.. addresses.Take(MaxAddresses).Select(found => new IPEndPoint(found, name.Port))]
                : throw Unreachable(address, "the name has no such addresses", null);
        }
        catch (SocketException exception)
        {
            throw Unreachable(address, exception.Message, exception);
        }
    }

    private static SwarmException Unreachable(Multiaddress address, string why, Exception? cause) =>
        new("unreachable", $"Cannot reach {address}: {why}.", cause);
}
