using ManagedSwarm.Transport.Discovery;
using ManagedSwarm.Transport.Libp2p;
using Microsoft.Extensions.Time.Testing;

namespace ManagedSwarm.Tests.Transport.Discovery;

public sealed class BootstrapDiscoveryTests
{
    private const string Id = "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq";

    [Fact]
    public async Task Names_each_peer_once_and_each_address_of_nobody()
    {
        Multiaddress[] addresses =
        [
            .. new[] { $"/ip4/192.0.2.1/tcp/1/p2p/{Id}", "/ip4/192.0.2.2/tcp/2", $"/dns4/example.org/tcp/3/p2p/{Id}", "/ip4/192.0.2.2/tcp/2" }
                .Select(Multiaddress.Parse),
        ];
        await using var discovery = new TestDiscovery(new BootstrapDiscovery(addresses, new FakeTimeProvider()));

        Assert.Equal(2, discovery.Found.Count);
        Assert.Contains(discovery.Found, peer => peer.Id == PeerId.Parse(Id) && peer.Addresses.SequenceEqual([addresses[0], addresses[2]]));
        Assert.Contains(discovery.Found, peer => peer.Id is null && peer.Addresses.SequenceEqual([addresses[1]]));
        Assert.All(discovery.Found, peer => Assert.Equal("bootstrap", peer.Source));
    }

    [Fact]
    public async Task Names_them_again_with_growing_pauses_of_a_minute_at_most()
    {
        var time = new FakeTimeProvider();
        await using var discovery = new TestDiscovery(new BootstrapDiscovery([Multiaddress.Parse("/ip4/192.0.2.1/tcp/1")], time));
        List<int> seconds = [];
        for (var (second, seen) = (0, 1); second < 300; second++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            if (discovery.Found.Count > seen)
            {
                seen = discovery.Found.Count;
                seconds.Add(second + 1);
            }
        }

        Assert.Equal([1, 3, 7, 15, 31, 63, 123, 183, 243], seconds);
    }
}
