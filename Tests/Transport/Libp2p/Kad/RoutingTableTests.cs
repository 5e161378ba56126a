using System.Security.Cryptography;
using ManagedSwarm.Transport.Libp2p.Kad;

namespace ManagedSwarm.Tests.Transport.Libp2p.Kad;

public sealed class RoutingTableTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly Random _random = new(7);
    private readonly KadPeer _self;
    private readonly RoutingTable _table;

    public RoutingTableTests()
    {
        _self = KadPeers.Next(_random);
        _table = new(_self.Id);
    }

    [Fact]
    public void Distance_is_the_xor_of_the_hashes()
    {
        var (left, right) = (SHA256.HashData([1]), SHA256.HashData([2]));
        var distance = KadId.Of([1]).DistanceTo(KadId.Of([2]));
        var expected = left.Zip(right, (a, b) => (byte)(a ^ b)).ToArray();

        Assert.Equal(Convert.ToHexString(expected), $"{distance.First:X16}{distance.Second:X16}{distance.Third:X16}{distance.Fourth:X16}");
    }

    [Theory]
    [InlineData(1, 0, 0, 0, 63)]
    [InlineData(ulong.MaxValue, 0, 0, 0, 0)]
    [InlineData(0, 1, 0, 0, 127)]
    [InlineData(0, 0, 1, 0, 191)]
    [InlineData(0, 0, 0, 1, 255)]
    [InlineData(0, 0, 0, 0, 256)]
    public void Counts_the_first_bits_in_common(ulong first, ulong second, ulong third, ulong fourth, int bits) =>
        Assert.Equal(bits, new KadId(first, second, third, fourth).CommonBits(default));

    [Fact]
    public void Finds_the_closest_as_a_look_at_all_does()
    {
        var peers = KadPeers.Many(200, _random);
        var known = peers.Where(peer => _table.Add(peer, default)).ToList();
        for (var i = 0; i < 100; i++)
        {
            var place = KadPeers.Next(_random).Place;
            Assert.Equal(KadPeers.Closest(known, place, 20), _table.FindClosest(place, 20).Select(peer => peer.Id));
        }
    }

    [Fact]
    public void Knows_all_that_are_close_and_few_of_those_far_away()
    {
        var peers = KadPeers.Many(5000, _random);
        Array.ForEach(peers, peer => _table.Add(peer, default));

        Assert.InRange(_table.Count, 20 * 7, 20 * 9);
        Assert.Equal(KadPeers.Closest(peers, _self.Place, 20), _table.FindClosest(_self.Place, 20).Select(peer => peer.Id));
    }

    [Fact]
    public void This_node_is_not_in_its_table()
    {
        Assert.False(_table.Add(_self, default));
        Assert.Equal(0, _table.Count);
        Assert.Null(_table.Find(_self.Id));
    }

    [Fact]
    public void Peers_that_live_are_kept_before_new_ones()
    {
        var old = FillBucket(0);
        var young = KadPeers.At(_self.Place, 0, _random);

        Assert.False(_table.Add(young, 9 * Second));
        Assert.Null(_table.Find(young.Id));
        Assert.All(old, peer => Assert.NotNull(_table.Find(peer.Id)));
    }

    [Fact]
    public void A_peer_that_fails_makes_room_for_the_one_that_was_seen_last()
    {
        var old = FillBucket(0);
        var (first, second) = (KadPeers.At(_self.Place, 0, _random), KadPeers.At(_self.Place, 0, _random));
        _table.Add(first, default);
        _table.Add(second, default);
        _table.Fail(old[3].Id);

        Assert.Null(_table.Find(old[3].Id));
        Assert.Null(_table.Find(first.Id));
        Assert.NotNull(_table.Find(second.Id));
        Assert.Equal(20, _table.Count);
    }

    [Fact]
    public void Where_nobody_waits_a_peer_may_fail_once_but_is_not_told_to_others()
    {
        var peer = KadPeers.Next(_random);
        _table.Add(peer, default);
        _table.Fail(peer.Id);
        Assert.NotNull(_table.Find(peer.Id));
        Assert.Empty(_table.FindClosest(peer.Place, 20));

        _table.Add(peer, default);
        Assert.Single(_table.FindClosest(peer.Place, 20));

        _table.Fail(peer.Id);
        _table.Fail(peer.Id);
        Assert.Equal(0, _table.Count);
    }

    [Fact]
    public void A_flood_of_peers_is_bounded()
    {
        for (var i = 0; i < 20_000; i++)
        {
            _table.Add(KadPeers.Next(_random), default);
        }

        Assert.InRange(_table.Count, 0, 20 * 16);
    }

    [Fact]
    public void A_peer_that_says_no_address_keeps_those_it_had()
    {
        var peer = KadPeers.Next(_random);
        _table.Add(peer, default);
        Assert.False(_table.Add(new KadPeer(peer.Id, []), Second));
        Assert.Equal(peer.Addresses, _table.Find(peer.Id)!.Addresses);
    }

    [Fact]
    public void Those_not_seen_for_longest_are_asked_first_one_of_each_bucket()
    {
        var (old, close) = (FillBucket(0), KadPeers.At(_self.Place, 3, _random));
        _table.Add(close, 5 * Second);
        _table.Add(old[0], 100 * Second);

        Assert.Equal([old[1].Id], _table.UnseenSince(2 * Second).Select(peer => peer.Id));
        Assert.Equal([old[1].Id, close.Id], _table.UnseenSince(6 * Second).Select(peer => peer.Id));
    }

    [Fact]
    public void Full_buckets_are_worth_a_lookup()
    {
        Assert.Equal(0, _table.RefreshableBuckets);
        FillBucket(1);
        Assert.Equal(2, _table.RefreshableBuckets);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public void A_key_can_be_made_for_each_bucket(int bits) =>
        Assert.Equal(bits, KadId.Of(BucketRefresh.CreateKey(_self.Place, bits, _random)).CommonBits(_self.Place));

    private KadPeer[] FillBucket(int bits)
    {
        KadPeer[] peers = [.. Enumerable.Range(0, 20).Select(_ => KadPeers.At(_self.Place, bits, _random))];
        foreach (var (i, peer) in peers.Index())
        {
            Assert.True(_table.Add(peer, i * Second / 100));
        }

        return peers;
    }
}
