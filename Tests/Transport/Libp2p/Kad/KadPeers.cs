using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Kad;

namespace ManagedSwarm.Tests.Transport.Libp2p.Kad;

/// <summary>Peers that are but names.</summary>
internal static class KadPeers
{
    private static readonly Multiaddress Address = Multiaddress.Parse("/ip4/192.0.2.1/tcp/4001");

    /// <summary>One with an address.</summary>
    public static KadPeer Next(Random random)
    {
        var key = new byte[36];
        random.NextBytes(key);
        return new(PeerId.FromPublicKeyMessage(key), [Address]);
    }

    public static KadPeer[] Many(int count, Random random) => [.. Enumerable.Range(0, count).Select(_ => Next(random))];

    /// <summary>One that has so many first bits in common with a place, and no more.</summary>
    public static KadPeer At(KadId place, int bits, Random random)
    {
        while (true)
        {
            if (Next(random) is var peer && peer.Place.CommonBits(place) == bits)
            {
                return peer;
            }
        }
    }

    /// <summary>Those closest to a place, by looking at all.</summary>
    public static IEnumerable<PeerId> Closest(IEnumerable<KadPeer> all, KadId place, int count) =>
        all.OrderBy(peer => peer.Place.DistanceTo(place)).Take(count).Select(peer => peer.Id);
}
