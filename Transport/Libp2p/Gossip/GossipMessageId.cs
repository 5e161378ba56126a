namespace ManagedSwarm.Transport.Libp2p.Gossip;

/// <summary>What tells a message from all others: who made it, and its number there.</summary>
internal readonly record struct GossipMessageId(PeerId From, ulong SequenceNumber);
