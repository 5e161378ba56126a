using ManagedSwarm.Transport.Discovery;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Tests.Transport.Discovery.Mdns;

public sealed class VirtualLanTests
{
    [Fact]
    public void Two_nodes_find_each_other_within_a_second_of_the_second_ones_start()
    {
        var lan = new VirtualLan();
        var first = lan.Add(new(1));
        lan.Run(TimeSpan.FromSeconds(100));
        var second = lan.Add(new(2, lan.Now));

        lan.Run(TimeSpan.FromSeconds(1));

        AssertFound(2, first.Found);
        AssertFound(1, second.Found);
    }

    [Fact]
    public void Nodes_of_other_swarms_do_not_see_each_other()
    {
        var lan = new VirtualLan();
        var ours = lan.Add(new(1));
        var other = lan.Add(new(2, keys: new SwarmKeys(SwarmToken.Generate())));

        lan.Run(TimeSpan.FromMinutes(10));

        Assert.Empty(ours.Found);
        Assert.Empty(other.Found);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void Nodes_whose_clocks_are_a_day_apart_find_each_other(int days)
    {
        var lan = new VirtualLan();
        var first = lan.Add(new(1));
        var second = lan.Add(new(2, today: TestMdns.Day.AddDays(days)));

        lan.Run(TimeSpan.FromSeconds(1));

        AssertFound(2, first.Found);
        AssertFound(1, second.Found);
    }

    [Fact]
    public void Nodes_whose_clocks_are_two_days_apart_do_not()
    {
        var lan = new VirtualLan();
        lan.Add(new(1));
        lan.Add(new(2, today: TestMdns.Day.AddDays(2)));

        lan.Run(TimeSpan.FromMinutes(10));

        Assert.All(lan.Nodes, node => Assert.Empty(node.Found));
    }

    [Fact]
    public void Nodes_go_on_to_find_each_other_over_days_that_begin_at_other_times()
    {
        var lan = new VirtualLan();
        lan.Add(new(1));
        lan.Add(new(2));
        for (var day = 1; day <= 3; day++)
        {
            foreach (var node in lan.Nodes)
            {
                node.Link.SetDay(TestMdns.Day.AddDays(day), lan.Now);
                lan.Nodes.ToList().ForEach(each => each.Found.Clear());
                lan.Run(TimeSpan.FromMinutes(3));
                Assert.True(lan.TakeAllFoundAll());
            }
        }
    }

    [Fact]
    public void Many_nodes_hear_of_each_other_again_and_again_at_little_cost()
    {
        const int Count = 30;
        const int Minutes = 10;
        var lan = new VirtualLan();
        for (var i = 1; i <= Count; i++)
        {
            lan.Add(new(i));
        }

        lan.Run(TimeSpan.FromSeconds(1));
        Assert.True(lan.TakeAllFoundAll());

        lan.Run(TimeSpan.FromMinutes(Minutes));
        Assert.True(lan.TakeAllFoundAll());

        var before = lan.Traffic;
        lan.Run(TimeSpan.FromMinutes(Minutes));
        Assert.True(lan.TakeAllFoundAll());

        // Each answers one question a minute, whoever asked it.
        Assert.InRange(lan.Traffic.Messages - before.Messages, Count * Minutes * 8 / 10, Count * Minutes * 12 / 10);
        Assert.InRange((lan.Traffic.Bytes - before.Bytes) / (Count * Minutes), 100, 300);
    }

    [Fact]
    public void Nodes_find_each_other_where_every_other_message_is_lost()
    {
        var random = new Random(1);
        var lan = new VirtualLan { Loses = () => random.Next(2) == 0 };
        for (var i = 1; i <= 10; i++)
        {
            lan.Add(new(i));
        }

        lan.Run(TimeSpan.FromSeconds(30));

        Assert.True(lan.TakeAllFoundAll());
    }

    private static void AssertFound(int host, List<DiscoveredPeer> found)
    {
        Assert.NotEmpty(found);
        Assert.All(found, peer =>
        {
            Assert.Equal(("mdns", TestMdns.Peer(host)), (peer.Source, peer.Id));
            Assert.Equal([TestMdns.Address(host).WithPeerId(TestMdns.Peer(host))], peer.Addresses);
        });
    }
}
