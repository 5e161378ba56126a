using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Http;

/// <summary>Opens a stream to a peer.</summary>
/// <param name="peer">Whom to.</param>
/// <param name="protocolId">The protocol to open the stream with.</param>
/// <param name="cancellationToken">Stops waiting.</param>
/// <returns>A stream that is the caller's.</returns>
/// <exception cref="SwarmException">The peer is not known, not reachable, or refuses.</exception>
public delegate ValueTask<IMuxStream> StreamDialer(PeerId peer, string protocolId, CancellationToken cancellationToken);
