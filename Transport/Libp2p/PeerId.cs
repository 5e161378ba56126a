namespace ManagedSwarm.Transport.Libp2p;

/// <summary>Who a peer is: the multihash of its public key (libp2p specs, peer-ids).</summary>
public sealed record PeerId;
