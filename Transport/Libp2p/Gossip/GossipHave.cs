namespace ManagedSwarm.Transport.Libp2p.Gossip;

/// <summary>IHAVE: a peer has these messages of a topic and sends them to those who ask.</summary>
internal sealed record GossipHave(string Topic, IReadOnlyList<GossipMessageId> Ids);
