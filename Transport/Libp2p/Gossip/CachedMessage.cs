namespace ManagedSwarm.Transport.Libp2p.Gossip;

/// <summary>A message that is kept for those who ask for it.</summary>
/// <param name="message">The message.</param>
/// <param name="rpc">What says it and nothing else.</param>
/// <param name="source">Who sent it here; null: it is this peer's own.</param>
/// <param name="window">The heartbeat before which it came.</param>
internal sealed class CachedMessage(GossipMessage message, GossipRpc rpc, GossipPeer? source, int window)
{
    private List<(GossipPeer Peer, int Count)>? _sent;

    public GossipMessage Message => message;

    public GossipRpc Rpc => rpc;

    public GossipPeer? Source => source;

    public int Window => window;

    /// <summary>A peer asks for it.</summary>
    /// <returns>False: it has got it so often already.</returns>
    public bool TryTake(GossipPeer peer, int maxCount)
    {
        _sent ??= [];
        var index = _sent.FindIndex(sent => sent.Peer == peer);
        var count = index < 0 ? 0 : _sent[index].Count;
        if (count >= maxCount)
        {
            return false;
        }

        if (index < 0)
        {
            _sent.Add((peer, 1));
        }
        else
        {
            _sent[index] = (peer, count + 1);
        }

        return true;
    }
}
