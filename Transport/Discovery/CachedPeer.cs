using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Discovery;

/// <summary>A member that there was a session with.</summary>
/// <param name="Id">Which.</param>
/// <param name="Addresses">Where it could be reached, the most promising one first; without its id at their ends.</param>
public sealed record CachedPeer(PeerId Id, IReadOnlyList<Multiaddress> Addresses);
