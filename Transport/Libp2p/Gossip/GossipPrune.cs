namespace ManagedSwarm.Transport.Libp2p.Gossip;

/// <summary>PRUNE: the two peers are no neighbours in a topic's mesh any more.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Backoff">How long neither may ask to be one again, in whole seconds; zero: not said.</param>
internal readonly record struct GossipPrune(string Topic, TimeSpan Backoff);
