using System.Net.Sockets;

namespace ManagedSwarm.Transport.Discovery.Mdns;

/// <summary>The network interfaces of a machine.</summary>
internal interface IMdnsNetwork
{
    /// <summary>Those that are up now.</summary>
    IReadOnlyList<MdnsInterface> Look();

    /// <summary>Begins to take part on one, in one of its families.</summary>
    /// <exception cref="SwarmException"><c>mdns_failed</c>: the system does not let it.</exception>
    IMdnsSocket Open(MdnsInterface link, AddressFamily family);
}
