namespace ManagedSwarm.Transport.Libp2p.Gossip;

/// <summary>A peer wants a topic's messages from now on, or no more.</summary>
internal readonly record struct GossipSubscription(string Topic, bool Subscribes);
