using System.Net;
using System.Net.Sockets;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Discovery.Mdns;

/// <summary>
/// Which addresses are worth a word on a link, said or heard. Names are not: whoever answers could let others look up what it likes.
/// </summary>
internal static class MdnsAddresses
{
    /// <summary>Of one peer. With a TXT record of some 100 bytes for each, all fit into a message.</summary>
    public const int MaxCount = 8;

    // A byte for the length goes before it (RFC 1035 §3.3).
    private const int MaxTextBytes = 255;

    private const string Attribute = "dnsaddr=";

    /// <summary>This node's addresses on a link, as TXT records tell them.</summary>
    public static IEnumerable<string> ToTexts(IEnumerable<Multiaddress> addresses, PeerId self, MdnsInterface link) => addresses
        .Where(address => IsUsable(address, isFromThisMachine: true) && link.IsOnLink(((IPEndPoint)address.TcpEndPoint!).Address))
        .Select(address => Attribute + address.WithPeerId(self))
        .Where(text => text.Length <= MaxTextBytes)
        .Distinct()
        .Take(MaxCount);

    /// <summary>A peer's addresses, those on the link first.</summary>
    /// <param name="texts">What TXT records tell. What is no address of a peer is passed over, as are those of a second peer.</param>
    /// <param name="link">Where they were heard.</param>
    /// <param name="isFromThisMachine">Whether loopback addresses mean the same for this node as for who told them.</param>
    public static IReadOnlyList<Multiaddress> FromTexts(IEnumerable<string> texts, MdnsInterface link, bool isFromThisMachine)
    {
        var addresses = texts
            .Where(text => text.StartsWith(Attribute, StringComparison.Ordinal))
            .Select(text => Multiaddress.TryParse(text[Attribute.Length..], out var address) ? address : null)
            .Where(address => address?.PeerId is not null && IsUsable(address, isFromThisMachine))
            .Select(address => address!)
            .Distinct()
            .OrderBy(address => link.IsOnLink(((IPEndPoint)address.TcpEndPoint!).Address) ? 0 : 1)
            .ToList();
        return [.. addresses.Where(address => address.PeerId == addresses[0].PeerId).Take(MaxCount)];
    }

    private static bool IsUsable(Multiaddress address, bool isFromThisMachine) => address.TcpEndPoint is IPEndPoint { Port: > 0 } endPoint
        && IsUnicast(endPoint.Address)
        && (isFromThisMachine || !IPAddress.IsLoopback(endPoint.Address));

    // A link-local address of IPv6 needs a zone, which addresses cannot say.
    private static bool IsUnicast(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork
        ? address.GetAddressBytes()[0] is > 0 and < 224
        : !address.IsIPv6Multicast && !address.IsIPv6LinkLocal && !address.Equals(IPAddress.IPv6Any) && !address.IsIPv4MappedToIPv6;
}
