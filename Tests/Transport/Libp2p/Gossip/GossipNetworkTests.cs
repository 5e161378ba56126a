using ManagedSwarm.Transport.Libp2p.Gossip;

namespace ManagedSwarm.Tests.Transport.Libp2p.Gossip;

/// <summary>Fifty routers in graphs by chance.</summary>
public sealed class GossipNetworkTests
{
    private const int Nodes = 50;

    // So few neighbours that the rest must hear of messages and ask for them.
    private static readonly GossipOptions Sparse = new() { MinMeshSize = 1, MeshSize = 2, MaxMeshSize = 3 };

    public static TheoryData<int, double, bool> Networks
    {
        get
        {
            var networks = new TheoryData<int, double, bool>();
            foreach (var seed in Enumerable.Range(1, 5))
            {
                networks.Add(seed, 0, false);
                networks.Add(seed, 0.1, false);
                networks.Add(seed, 0.25, false);
                networks.Add(seed, 0.1, true);
            }

            return networks;
        }
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void A_message_reaches_all_once(int seed, double loss, bool isSparse)
    {
        var network = NewNetwork(seed, isSparse ? Sparse : new());
        network.Loss = loss;
        var messages = new List<GossipMessage>();
        for (var i = 0; i < 100; i++)
        {
            messages.Add(network.Publish());
            network.Run(TimeSpan.FromMilliseconds(50));
        }

        network.Run(TimeSpan.FromSeconds(10));
        Assert.All(messages, message => Assert.All(network.DeliveriesOf(message), count => Assert.Equal(1, count)));
        Assert.All(network.Routers, router => Assert.Equal(0, router.CachedCount));
    }

    [Fact]
    public void Meshes_have_as_many_neighbours_as_they_should()
    {
        var network = NewNetwork(seed: 1, new());
        network.Run(TimeSpan.FromSeconds(5));
        Assert.All(network.Routers, router => Assert.InRange(
            router.NeighboursOf(GossipNetwork.Topic).Count, Math.Min(4, router.SubscribersOf(GossipNetwork.Topic).Count), 12));
    }

    [Fact]
    public void Nothing_is_said_where_nothing_is_published()
    {
        var network = NewNetwork(seed: 1, new());
        network.Run(TimeSpan.FromSeconds(70));
        var sent = network.Sent;
        network.Run(TimeSpan.FromMinutes(5));
        Assert.Equal(sent, network.Sent);
    }

    [Fact]
    public void The_same_seed_gives_the_same_run()
    {
        Assert.Equal(TranscriptOf(1), TranscriptOf(1));
        Assert.NotEqual(TranscriptOf(1), TranscriptOf(2));
    }

    private static string TranscriptOf(int seed)
    {
        var network = NewNetwork(seed, Sparse);
        network.Loss = 0.1;
        for (var i = 0; i < 20; i++)
        {
            network.Publish();
            network.Run(TimeSpan.FromMilliseconds(300));
        }

        return network.Transcript;
    }

    private static GossipNetwork NewNetwork(int seed, GossipOptions options)
    {
        var network = new GossipNetwork(Nodes, options, seed);
        network.Connect(degree: 16);
        network.Run(TimeSpan.FromSeconds(2));
        return network;
    }
}
