using System.Net;
using System.Net.Sockets;

namespace ManagedSwarm.Transport.Libp2p.Tcp;

/// <summary>Connects by TCP (https://github.com/libp2p/specs/blob/master/addressing/README.md). The caller's token limits the time.</summary>
internal static class TcpDialer
{
    /// <summary>Addresses of one name that are tried, in the system's order: a name can have any number of them.</summary>
    public const int MaxAddresses = 8;

    /// <summary>Connects to an address.</summary>
    /// <param name="address">An IP address or a name (<c>/ip4</c>, <c>/ip6</c>, <c>/dns</c>, <c>/dns4</c>, <c>/dns6</c>) and <c>/tcp</c>.</param>
    /// <exception cref="SwarmException">
    /// <c>invalid_address</c>: it is none of these; <c>unreachable</c>: the name is not known, or nobody answers.
    /// </exception>
    public static async ValueTask<Socket> ConnectAsync(Multiaddress address, CancellationToken cancellationToken)
    {
        var endPoint = address.TcpEndPoint
            ?? throw new SwarmException("invalid_address", $"Cannot dial {address}: only an IP address or a name and a TCP port can be dialed.");
        List<SocketException> causes = [];
        foreach (var candidate in await ResolveAsync(address, endPoint, cancellationToken))
        {
            var socket = new Socket(candidate.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(candidate, cancellationToken);
                return socket;
            }
            catch (SocketException exception)
            {
                socket.Dispose();
                causes.Add(exception);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw Unreachable(address, string.Join("; ", causes.Select(cause => cause.Message)), causes[0]);
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
