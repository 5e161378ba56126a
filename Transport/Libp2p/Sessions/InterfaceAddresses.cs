using System.Net;
using System.Net.NetworkInformation;

namespace ManagedSwarm.Transport.Libp2p.Sessions;

/// <summary>Where a socket can be reached that listens on all interfaces.</summary>
internal static class InterfaceAddresses
{
    /// <summary>An address as it is, or, where it means all interfaces, one for each of theirs.</summary>
    public static IEnumerable<Multiaddress> Expand(Multiaddress address)
    {
        if (address.TcpEndPoint is not IPEndPoint { Address: var any } endPoint || !(any.Equals(IPAddress.Any) || any.Equals(IPAddress.IPv6Any)))
        {
            return [address];
        }

        return NetworkInterface.GetAllNetworkInterfaces()
            .Where(network => network.OperationalStatus == OperationalStatus.Up)
            .SelectMany(network => network.GetIPProperties().UnicastAddresses)
            .Select(unicast => unicast.Address)
            .Where(own => own.AddressFamily == any.AddressFamily && !own.IsIPv6LinkLocal)

            // Others try the first one first.
            .OrderBy(IPAddress.IsLoopback)
            .Select(own => Multiaddress.FromEndPoint(new IPEndPoint(own, endPoint.Port)));
    }
}
