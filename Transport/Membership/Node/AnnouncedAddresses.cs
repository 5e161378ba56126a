using System.Net;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Membership.Node;

/// <summary>Where others are told to reach a node.</summary>
internal static class AnnouncedAddresses
{
    /// <summary>
    /// The user's choice; without one, where the node listens, but for loopback addresses, which mean another machine elsewhere, unless there
    /// are no others.
    /// </summary>
    /// <returns>With <c>/p2p/ID</c> at the end.</returns>
    public static IReadOnlyList<Multiaddress> Of(IReadOnlyList<Multiaddress> chosen, ILocalPeer peer)
    {
        if (chosen.Count > 0)
        {
            return [.. chosen.Select(address => address.WithPeerId(peer.PeerId))];
        }

        var listening = peer.ListenAddresses;
        var reachable = listening.Where(address => !IsLoopback(address)).ToList();
        return reachable.Count > 0 ? reachable : listening;
    }

    private static bool IsLoopback(Multiaddress address) => address.TcpEndPoint is IPEndPoint { Address: var ip } && IPAddress.IsLoopback(ip);
}
