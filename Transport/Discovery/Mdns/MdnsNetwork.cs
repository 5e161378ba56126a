using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace ManagedSwarm.Transport.Discovery.Mdns;

/// <summary>The network interfaces of this machine, as its network namespace shows them.</summary>
internal sealed class MdnsNetwork : IMdnsNetwork
{
    public IReadOnlyList<MdnsInterface> Look()
    {
        try
        {
            return
            [
                .. NetworkInterface.GetAllNetworkInterfaces()
                    .Where(network => network.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown)
                    .Select(Describe)
                    .OfType<MdnsInterface>(),
            ];
        }
        catch (NetworkInformationException)
        {
            return [];
        }
    }

    public IMdnsSocket Open(MdnsInterface link, AddressFamily family) => new MdnsSocket(link, family);

    /// <returns>Null: it went meanwhile, or has no addresses.</returns>
    private static MdnsInterface? Describe(NetworkInterface network)
    {
        try
        {
            var properties = network.GetIPProperties();
            var prefixes = properties.UnicastAddresses
                .Select(unicast => new MdnsPrefix(unicast.Address, unicast.PrefixLength))
                .OrderBy(prefix => prefix.ToString(), StringComparer.Ordinal)
                .ToList();
            var index = network.Supports(NetworkInterfaceComponent.IPv4)
                ? properties.GetIPv4Properties().Index
                : properties.GetIPv6Properties().Index;
            var isLoopback = network.NetworkInterfaceType == NetworkInterfaceType.Loopback;
            return prefixes.Count == 0 ? null : new(network.Name, index, isLoopback, network.SupportsMulticast, prefixes);
        }
        catch (NetworkInformationException)
        {
            return null;
        }
    }
}
