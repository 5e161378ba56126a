using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Weights;

/// <summary>Somebody who may have a model's bytes.</summary>
/// <param name="Peer">Who.</param>
/// <param name="Addresses">Where a connection of its own is tried; empty: the one that there is serves.</param>
public sealed record WeightSource(PeerId Peer, IReadOnlyList<Multiaddress> Addresses);
