using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Stages;

/// <summary>A peer and where it can be reached.</summary>
/// <param name="Id">Who it is.</param>
/// <param name="Addresses">None: those that are known already.</param>
public sealed record StagePeer(PeerId Id, IReadOnlyList<Multiaddress> Addresses);
