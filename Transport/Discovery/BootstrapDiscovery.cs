using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Discovery;

/// <summary>
/// Names the addresses that the user or the token knows, again and again with growing pauses: whoever listens there may come up later.
/// </summary>
/// <param name="addresses">With or without <c>/p2p/ID</c> at their ends.</param>
/// <param name="time">The clock of the pauses.</param>
public sealed class BootstrapDiscovery(IReadOnlyList<Multiaddress> addresses, TimeProvider time) : IPeerDiscovery
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly IReadOnlyList<DiscoveredPeer> _peers = Group(addresses);

    public string Name => DiscoverySource.Bootstrap;

    public async Task RunAsync(Action<DiscoveredPeer> found, CancellationToken cancellationToken)
    {
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            foreach (var peer in _peers)
            {
                found(peer);
            }

            await Task.Delay(pause, time, cancellationToken);
        }
    }

    public ValueTask DisposeAsync() => default;

    /// <summary>One for each peer that is named, and one for each address that names none.</summary>
    private static List<DiscoveredPeer> Group(IReadOnlyList<Multiaddress> addresses)
    {
        var distinct = addresses.Distinct().ToList();
        var named = distinct.Where(address => address.PeerId is not null)
            .GroupBy(address => address.PeerId!)
            .Select(group => new DiscoveredPeer(DiscoverySource.Bootstrap, group.Key, [.. group]));
        var unnamed = distinct.Where(address => address.PeerId is null)
            .Select(address => new DiscoveredPeer(DiscoverySource.Bootstrap, null, [address]));
        return [.. named, .. unnamed];
    }
}
