namespace ManagedSwarm.Transport.Discovery;

/// <summary>Names those whom the cache remembers, and keeps the cache's file up to date. The cache stays the caller's.</summary>
/// <param name="cache">What is known.</param>
/// <param name="time">The clock of the pauses.</param>
public sealed class CacheDiscovery(PeerCache cache, TimeProvider time) : IPeerDiscovery
{
    /// <summary>How long a change may stay unsaved: what a crash costs.</summary>
    public static readonly TimeSpan SavePause = TimeSpan.FromSeconds(5);

    // Afterwards members are known by better ways.
    private const int SavesBetweenNaming = 12;

    public string Name => DiscoverySource.Cache;

    public async Task RunAsync(Action<DiscoveredPeer> found, CancellationToken cancellationToken)
    {
        try
        {
            for (var turn = 0; ; turn++)
            {
                if (turn % SavesBetweenNaming == 0)
                {
                    foreach (var peer in cache.Peers)
                    {
                        found(new(Name, peer.Id, peer.Addresses));
                    }
                }

                await Task.Delay(SavePause, time, cancellationToken);
                cache.Save();
            }
        }
        finally
        {
            cache.Save();
        }
    }

    public ValueTask DisposeAsync()
    {
        cache.Save();
        return default;
    }
}
