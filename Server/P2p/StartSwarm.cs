using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Server.P2p;

/// <summary>Joins a swarm.</summary>
/// <exception cref="SwarmException">It cannot listen, or the options cannot be.</exception>
internal delegate Task<ISwarm> StartSwarm(SwarmOptions options, CancellationToken cancellationToken);
