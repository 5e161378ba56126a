using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Kad;

namespace ManagedSwarm.Tests.Transport.Libp2p.Kad;

public sealed class ProviderStoreTests
{
    private static readonly ProviderLimits Limits = new()
    {
        TimeToLive = TimeSpan.FromSeconds(10),
        KeysPerProvider = 3,
        ProvidersPerKey = 5,
        Records = 12,
    };

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly KadId Key = KadId.Of([1]);

    private readonly Random _random = new(3);
    private readonly ProviderStore _store = new(Limits, seed: 1);

    [Fact]
    public void A_provider_is_found_until_its_time_is_over()
    {
        var peer = KadPeers.Next(_random);
        Assert.Equal(ProviderOutcome.Added, Add(peer));
        Assert.Equal([peer.Id], Find(9.99 * Second));
        Assert.Empty(Find(10 * Second));
        Assert.Equal(0, _store.Count);
    }

    [Fact]
    public void Saying_it_again_begins_its_time_anew()
    {
        var peer = KadPeers.Next(_random);
        Add(peer);
        Assert.Equal(ProviderOutcome.Renewed, Add(peer, now: 9 * Second));
        Assert.Equal([peer.Id], Find(18 * Second));
        Assert.Equal(1, _store.Count);
    }

    [Fact]
    public void Nobody_speaks_for_others()
    {
        var (liar, victim) = (KadPeers.Next(_random), KadPeers.Next(_random));
        Assert.Equal(ProviderOutcome.NotTheSender, _store.Add(Key, liar.Id, [victim], default));
        Assert.Equal(ProviderOutcome.NotTheSender, _store.Add(Key, liar.Id, [], default));
        Assert.Equal(ProviderOutcome.Added, _store.Add(Key, liar.Id, [victim, liar], default));
        Assert.Equal([liar.Id], Find());
    }

    [Theory]
    [InlineData("/ip4/192.0.2.1/udp/4001/quic-v1")]
    [InlineData("/ip4/192.0.2.1/tcp/0")]
    [InlineData("/ip4/192.0.2.1/tcp/1/p2p/12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA")]
    public void A_provider_needs_an_address_of_its_own_that_can_be_dialed(string address)
    {
        var peer = KadPeers.Next(_random);
        Assert.Equal(ProviderOutcome.NoAddress, Add(new(peer.Id, [Multiaddress.Parse(address)])));
        Assert.Equal(ProviderOutcome.Added, Add(new(peer.Id, [Multiaddress.Parse(address), peer.Addresses[0]])));
        Assert.Equal(peer.Addresses, Assert.Single(_store.Find(Key, 10, default)).Addresses);
    }

    [Fact]
    public void One_provider_has_only_so_many_keys()
    {
        var peer = KadPeers.Next(_random);
        for (byte i = 0; i < 100; i++)
        {
            _store.Add(KadId.Of([i]), peer.Id, [peer], default);
        }

        Assert.Equal((3, 3), (_store.Count, _store.KeyCount));
        Assert.Single(_store.Find(KadId.Of([99]), 10, default));
    }

    [Fact]
    public void One_key_has_only_so_many_providers_the_latest()
    {
        var peers = KadPeers.Many(50, _random);
        Array.ForEach(peers, peer => Add(peer));

        Assert.Equal(peers[^5..].Select(peer => peer.Id), Find());
    }

    [Fact]
    public void Those_who_take_most_of_the_room_lose_it_first()
    {
        var modest = KadPeers.Many(3, _random);
        Array.ForEach(modest, peer => Add(peer));
        var greedy = KadPeers.Many(6, _random);
        for (byte key = 0; key < 100; key++)
        {
            Array.ForEach(greedy, peer => _store.Add(KadId.Of([2, key]), peer.Id, [peer], default));
        }

        Assert.Equal(12, _store.Count);
        Assert.Equal(modest.Select(peer => peer.Id), Find());
    }

    [Fact]
    public void Of_many_providers_each_asker_hears_of_some()
    {
        var peers = KadPeers.Many(5, _random);
        Array.ForEach(peers, peer => Add(peer));
        var heard = Enumerable.Range(0, 50).Select(_ => _store.Find(Key, 2, default)).ToList();

        Assert.All(heard, some => Assert.Equal(2, some.DistinctBy(peer => peer.Id).Count()));
        Assert.Equal(5, heard.SelectMany(some => some).DistinctBy(peer => peer.Id).Count());
    }

    private ProviderOutcome Add(KadPeer peer, TimeSpan now = default) => _store.Add(Key, peer.Id, [peer], now);

    private IEnumerable<PeerId> Find(TimeSpan now = default) => _store.Find(Key, 10, now).Select(peer => peer.Id);
}
