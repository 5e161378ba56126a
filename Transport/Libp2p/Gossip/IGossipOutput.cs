namespace ManagedSwarm.Transport.Libp2p.Gossip;

/// <summary>
/// What a <see cref="GossipRouter"/> does. Called within its calls; only <see cref="GossipRouter.Publish"/> may be called from here.
/// </summary>
internal interface IGossipOutput
{
    /// <summary>Sends to a peer, sooner or later; what is lost, the protocol makes up for.</summary>
    void Send(PeerId to, GossipRpc rpc);

    /// <summary>A message of others in a topic that this peer subscribes to: each once.</summary>
    /// <param name="from">Who sent it here.</param>
    /// <param name="message">The message.</param>
    void Deliver(PeerId from, GossipMessage message);
}
