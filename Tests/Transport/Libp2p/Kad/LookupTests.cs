using ManagedSwarm.Transport.Libp2p.Kad;

namespace ManagedSwarm.Tests.Transport.Libp2p.Kad;

public sealed class LookupTests
{
    private static readonly LookupOptions Options = new() { Closest = 3, Parallelism = 2, MaxRequests = 40, MaxCandidates = 12, MaxBogus = 2 };

    private readonly Random _random = new(5);
    private readonly KadPeer _self;
    private readonly KadId _target;

    public LookupTests() => (_self, _target) = (KadPeers.Next(_random), KadPeers.Next(_random).Place);

    [Fact]
    public void With_nobody_to_ask_it_is_complete_at_once()
    {
        var lookup = Start();
        Assert.True(lookup.IsComplete);
        Assert.Empty(lookup.Next());
        Assert.Empty(lookup.Closest);
    }

    [Fact]
    public void Asks_the_closest_first_and_so_many_at_once()
    {
        var peers = ByDistance(10);
        var lookup = Start(peers.Reverse());

        Assert.Equal([peers[0], peers[1]], lookup.Next());
        Assert.Empty(lookup.Next());
        lookup.Answer(peers[0], []);
        Assert.Equal([peers[2]], lookup.Next());
        Assert.False(lookup.IsComplete);
    }

    [Fact]
    public void Ends_when_the_closest_have_answered_and_does_not_wait_for_others()
    {
        var peers = ByDistance(5);
        var lookup = Start([peers[3], peers[4]]);
        lookup.Next();
        lookup.Answer(peers[3], peers[..3]);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal([peers[i]], lookup.Next());
            lookup.Answer(peers[i], [_self, .. peers]);
        }

        // The fifth has not answered.
        Assert.True(lookup.IsComplete);
        Assert.Equal(peers[..3], lookup.Closest);
        Assert.Equal(5, lookup.Requests);
    }

    [Fact]
    public void A_peer_that_fails_is_replaced_by_the_next_and_not_asked_again()
    {
        var peers = ByDistance(4);
        var lookup = Start(peers);
        var asked = Run(lookup, peer => peer == peers[0] ? null : peers);

        Assert.Equal(peers[1..], lookup.Closest);
        Assert.Equal(4, asked);
    }

    [Fact]
    public void Endless_peers_that_come_ever_closer_are_asked_only_so_many_times()
    {
        var lookup = Start([KadPeers.Next(_random)]);
        var asked = Run(lookup, _ => [.. ByDistance(30).Take(20)]);

        Assert.True(lookup.IsComplete);
        Assert.InRange(asked, 4, Options.MaxRequests);
    }

    [Fact]
    public void A_liar_that_names_peers_that_are_not_there_does_not_hide_those_that_are()
    {
        var all = ByDistance(400);
        var (bogus, liar, honest) = (all[..200], all[200], all[201..203]);
        var lookup = Start([liar, .. honest]);
        var asked = Run(lookup, peer => peer == liar ? bogus : bogus.Contains(peer) ? null : []);

        Assert.Equal([liar, .. honest], lookup.Closest);
        Assert.Equal(3 + Options.MaxBogus, asked);
    }

    [Fact]
    public void What_liars_name_is_asked_if_others_name_it_too()
    {
        var options = Options with { Closest = 8 };
        var peers = ByDistance(20);
        var (liar, honest, wanted) = (peers[15], peers[14], peers[12]);
        var lookup = new Lookup(_target, _self.Id, options, [honest, liar]);
        var asked = Run(lookup, peer =>
            peer == honest ? [wanted] : peer == liar ? [.. peers[..7], wanted] : peer == wanted ? [] : null);

        Assert.Equal([wanted, honest, liar], lookup.Closest);
        Assert.InRange(asked, 3, 3 + 7);
    }

    [Fact]
    public void This_node_is_never_asked()
    {
        var peer = KadPeers.Next(_random);
        Assert.Equal(1, Run(Start([_self, peer]), _ => [_self]));
    }

    [Fact]
    public void Addresses_that_another_names_are_tried_too()
    {
        var peers = ByDistance(6);
        var other = new KadPeer(peers[0].Id, [ManagedSwarm.Transport.Libp2p.Multiaddress.Parse("/ip4/192.0.2.7/tcp/7")]);
        var lookup = Start([peers[4], peers[5]]);
        lookup.Next();
        lookup.Answer(peers[4], [peers[0]]);
        lookup.Answer(peers[5], [other]);

        Assert.Equal([peers[0].Addresses[0], other.Addresses[0]], Assert.Single(lookup.Next()).Addresses);
    }

    private Lookup Start(params IEnumerable<KadPeer> seeds) => new(_target, _self.Id, Options, seeds);

    private KadPeer[] ByDistance(int count) => [.. KadPeers.Many(count, _random).OrderBy(peer => peer.Place.DistanceTo(_target))];

    /// <param name="answer">What a peer says; null: nothing.</param>
    private static int Run(Lookup lookup, Func<KadPeer, IReadOnlyList<KadPeer>?> answer)
    {
        while (!lookup.IsComplete)
        {
            var next = lookup.Next();
            Assert.NotEmpty(next);
            foreach (var peer in next)
            {
                if (answer(peer) is { } closer)
                {
                    lookup.Answer(peer, closer);
                }
                else
                {
                    lookup.Fail(peer);
                }
            }
        }

        return lookup.Requests;
    }
}
