using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Discovery;

/// <summary>A node that somebody has heard of.</summary>
/// <param name="Source">Who has: <see cref="IPeerDiscovery.Name"/>.</param>
/// <param name="Id">Which; null: nobody knows before it is dialed.</param>
/// <param name="Addresses">Where it may be reached, at least one.</param>
public sealed record DiscoveredPeer(string Source, PeerId? Id, IReadOnlyList<Multiaddress> Addresses);
