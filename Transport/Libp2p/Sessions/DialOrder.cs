using System.Net;
using System.Net.Sockets;

namespace ManagedSwarm.Transport.Libp2p.Sessions;

/// <summary>In which order the addresses of one peer are tried: the near ones first, which answer at once or not at all.</summary>
internal static class DialOrder
{
    /// <summary>This machine's own, then those of private networks, then all others; within each as they were.</summary>
    public static IEnumerable<Multiaddress> Sort(IEnumerable<Multiaddress> addresses) => addresses.OrderBy(Distance);

    private static int Distance(Multiaddress address) => address.TcpEndPoint switch
    {
        IPEndPoint { Address: var ip } when IPAddress.IsLoopback(ip) => 0,
        IPEndPoint { Address: var ip } when IsPrivate(ip) => 1,
        _ => 2,
    };

    // RFC 1918 and RFC 3927; RFC 4193 and RFC 4291, section 2.5.6.
    private static bool IsPrivate(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return IsPrivate(address.MapToIPv4());
        }

        var bytes = address.GetAddressBytes();
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? address.IsIPv6UniqueLocal || address.IsIPv6LinkLocal
            : bytes is [10, ..] or [172, >= 16 and < 32, ..] or [192, 168, ..] or [169, 254, ..];
    }
}
