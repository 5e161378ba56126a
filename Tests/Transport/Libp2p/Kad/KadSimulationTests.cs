using ManagedSwarm.Transport.Libp2p.Kad;

namespace ManagedSwarm.Tests.Transport.Libp2p.Kad;

public sealed class KadSimulationTests
{
    private const int Lookups = 100;

    private readonly Random _random = new(11);

    [Fact]
    public void In_a_network_of_a_thousand_every_rendezvous_is_found()
    {
        var network = new KadSimulation(1000, seed: 1);
        for (var i = 0; i < Lookups; i++)
        {
            var (key, provider) = (KadPeers.Next(_random).Place, network.Pick());
            network.Provide(provider, key);
            Assert.Contains(provider.Peer.Id, network.LookUp(network.Pick(), key).Providers);
        }
    }

    [Fact]
    public void A_lookup_finds_the_closest_of_all_nodes()
    {
        var network = new KadSimulation(1000, seed: 2);
        var all = network.Nodes.Select(node => node.Peer).ToList();
        var right = 0;
        for (var i = 0; i < Lookups; i++)
        {
            var (place, node) = (KadPeers.Next(_random).Place, network.Pick());
            var expected = KadPeers.Closest(all.Where(peer => peer.Id != node.Peer.Id), place, 20);
            right += network.LookUp(node, place).Lookup.Closest.Select(peer => peer.Id).Intersect(expected).Count();
        }

        Assert.InRange(right, Lookups * 20 * 99 / 100, Lookups * 20);
    }

    [Fact]
    public void The_messages_of_a_lookup_grow_with_the_logarithm_of_the_nodes()
    {
        var (hundred, thousand, more) = (MessagesPerLookup(125), MessagesPerLookup(1000), MessagesPerLookup(4000));
        TestContext.Current.TestOutputHelper?.WriteLine($"messages per lookup: 125 nodes {hundred:F1}, 1,000 {thousand:F1}, 4,000 {more:F1}");

        // 32 times as many nodes, 5 more bits: a few more messages, where each node that is asked saves several of the others.
        Assert.InRange(thousand, 20, 45);
        Assert.InRange(more, hundred, hundred + 20);
    }

    [Fact]
    public void With_every_fifth_node_dead_every_rendezvous_is_found_still()
    {
        var network = new KadSimulation(1000, seed: 3);
        var keys = Enumerable.Range(0, Lookups).Select(_ => (Place: KadPeers.Next(_random).Place, Provider: network.Pick())).ToList();
        keys.ForEach(key => network.Provide(key.Provider, key.Place));
        network.Kill(0.2);
        var requests = 0;
        foreach (var (place, provider) in keys)
        {
            var (lookup, providers) = network.LookUp(network.Pick(), place);
            Assert.Contains(provider.Peer.Id, providers);
            requests += lookup.Requests;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"messages per lookup with 20 % dead: {(double)requests / Lookups:F1}");
    }

    [Fact]
    public void One_key_for_all_leads_each_node_to_others()
    {
        var network = new KadSimulation(1000, seed: 4);
        var key = KadPeers.Next(_random).Place;
        foreach (var node in network.Nodes)
        {
            network.Provide(node, key);
        }

        Assert.All(network.Nodes, node => Assert.InRange(network.LookUp(node, key).Providers.Count, 33, 1000));
    }

    /// <summary>Every tenth node answers with peers that do not exist, as close to the key as it likes.</summary>
    [Fact]
    public void Liars_that_name_nobody_real_do_not_hide_a_rendezvous()
    {
        var network = new KadSimulation(900, seed: 5);
        for (var i = 0; i < 100; i++)
        {
            network.Join(lie: key => [.. KadPeers.Many(400, _random).OrderBy(peer => peer.Place.DistanceTo(key)).Take(20)]);
        }

        for (var i = 0; i < Lookups; i++)
        {
            var (key, provider) = (KadPeers.Next(_random).Place, network.Pick());
            network.Provide(provider, key);
            var (lookup, providers) = network.LookUp(network.Pick(), key);
            Assert.Contains(provider.Peer.Id, providers);
            Assert.InRange(lookup.Requests, 1, new LookupOptions().MaxRequests);
        }
    }

    [Fact]
    public void A_table_holds_few_of_many()
    {
        var network = new KadSimulation(1000, seed: 6);
        Assert.All(network.Nodes, node => Assert.InRange(node.Table.Count, 20, 20 * 9));
    }

    private double MessagesPerLookup(int nodes)
    {
        var network = new KadSimulation(nodes, seed: nodes);
        return Enumerable.Range(0, Lookups).Average(_ => network.LookUp(network.Pick(), KadPeers.Next(_random).Place).Lookup.Requests);
    }
}
