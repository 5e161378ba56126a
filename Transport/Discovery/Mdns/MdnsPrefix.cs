using System.Net;

namespace ManagedSwarm.Transport.Discovery.Mdns;

/// <summary>An address of a network interface, and which others are on the same link.</summary>
/// <param name="Address">Its own.</param>
/// <param name="Length">How many bits the others have in common with it.</param>
internal sealed record MdnsPrefix(IPAddress Address, int Length)
{
    /// <summary>Whether an address is on the link. Zones make no difference.</summary>
    public bool Contains(IPAddress address)
    {
        var (own, other) = (Address.GetAddressBytes(), address.GetAddressBytes());
        if (own.Length != other.Length)
        {
            return false;
        }

        for (var bit = 0; bit < Math.Min(Length, own.Length * 8); bit += 8)
        {
            var mask = Length - bit >= 8 ? 0xFF : 0xFF << (8 - (Length - bit));
            if (((own[bit / 8] ^ other[bit / 8]) & mask) != 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether it is the interface's own address.</summary>
    public bool IsOwn(IPAddress address) => Address.GetAddressBytes().AsSpan().SequenceEqual(address.GetAddressBytes());

    public override string ToString() => $"{Address}/{Length}";
}
