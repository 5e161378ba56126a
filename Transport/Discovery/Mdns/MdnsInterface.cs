using System.Net;
using System.Net.Sockets;

namespace ManagedSwarm.Transport.Discovery.Mdns;

/// <summary>A network interface that is up.</summary>
/// <param name="Name">As the system calls it: <c>eth0</c>.</param>
/// <param name="Index">As the system counts them.</param>
/// <param name="IsLoopback">Whether it leads nowhere but to this machine.</param>
/// <param name="SupportsMulticast">Whether it says so; loopback may not, and does nevertheless.</param>
/// <param name="Prefixes">Its addresses.</param>
internal sealed record MdnsInterface(string Name, int Index, bool IsLoopback, bool SupportsMulticast, IReadOnlyList<MdnsPrefix> Prefixes)
{
    /// <summary>The families in which it can multicast: with IPv6, link-local addresses are needed.</summary>
    public IEnumerable<AddressFamily> Families => Prefixes.Where(prefix => prefix.Address.AddressFamily == AddressFamily.InterNetwork
        || prefix.Address.IsIPv6LinkLocal).Select(prefix => prefix.Address.AddressFamily).Distinct();

    /// <summary>Whether an address is reached by it without a router.</summary>
    public bool IsOnLink(IPAddress address) => Prefixes.Any(prefix => prefix.Contains(address));

    /// <summary>Whether it has an address itself.</summary>
    public bool IsOwn(IPAddress address) => Prefixes.Any(prefix => prefix.IsOwn(address));

    public bool Equals(MdnsInterface? other) => other is not null
        && (Name, Index, IsLoopback, SupportsMulticast) == (other.Name, other.Index, other.IsLoopback, other.SupportsMulticast)
        && Prefixes.SequenceEqual(other.Prefixes);

    public override int GetHashCode() => HashCode.Combine(Name, Index, Prefixes.Count);
}
