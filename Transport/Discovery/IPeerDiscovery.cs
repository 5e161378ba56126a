namespace ManagedSwarm.Transport.Discovery;

/// <summary>A way to hear of other nodes of the swarm. What it finds is a rumour: who is there is proved by dialing.</summary>
public interface IPeerDiscovery : IAsyncDisposable
{
    /// <summary>Its name in logs and in <see cref="AddressTrial.Source"/>: <c>mdns</c>, <c>dht</c>, <c>registry</c>, <c>bootstrap</c>, <c>cache</c>.</summary>
    string Name { get; }

    /// <summary>Looks for nodes until it is cancelled, and makes this node known.</summary>
    /// <param name="found">Hears of each node, again and again; called by any thread; does not wait.</param>
    /// <param name="cancellationToken">Ends it.</param>
    Task RunAsync(Action<DiscoveredPeer> found, CancellationToken cancellationToken);
}
