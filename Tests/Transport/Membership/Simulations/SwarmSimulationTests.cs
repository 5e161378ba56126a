using ManagedSwarm.Bench.Swarm;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Tests.Transport.Membership.Simulations;

/// <summary>Whole swarms in virtual time.</summary>
public sealed class SwarmSimulationTests
{
    private const double KiB = 1024;

    private static readonly SwarmEventKind[] Flaps = [SwarmEventKind.Suspected, SwarmEventKind.Lost, SwarmEventKind.Returned, SwarmEventKind.Forgotten];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 5)];

    public static TheoryData<int> ManySeeds => [.. Enumerable.Range(1, 20)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_hundred_nodes_all_see_all_within_ten_seconds_and_then_say_little(int seed)
    {
        using var network = Simulated.Swarm(100, seed);
        var time = network.Until(network.AllSeeAll, 10);
        Say($"all see all after {time}");
        Assert.NotNull(time);
        network.RunFor(TimeSpan.FromMinutes(1));
        Assert.True(network.IsConnected());
        Assert.InRange(network.Nodes.Max(node => node.Sessions.Count), 4, 40);
        var before = network.Nodes.Select(node => node.BytesSent).ToArray();
        network.RunFor(TimeSpan.FromMinutes(5));
        var rates = network.Nodes.Select((node, i) => (node.BytesSent - before[i]) / 300.0).ToArray();
        Say($"bytes per second: {rates.Average():F0}, at most {rates.Max():F0}; sessions {network.Nodes.Average(node => node.Sessions.Count):F1}, at most {network.Nodes.Max(node => node.Sessions.Count)}");
        Assert.InRange(rates.Max(), 1, 2 * KiB);
        Assert.All(network.Nodes, node => Assert.DoesNotContain(node.Events, happening => Flaps.Contains(happening.Kind)));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void When_ten_of_a_hundred_die_at_once_all_agree_within_ten_seconds(int seed)
    {
        using var network = Simulated.SettledSwarm(100, seed);
        var dead = network.Nodes.Where(node => node.Index % 10 == 3).ToArray();
        foreach (var node in dead)
        {
            network.Kill(node);
        }

        var time = network.Until(() => network.AllHaveLost(dead), 10);
        Say($"all agree after {time}");
        Assert.NotNull(time);
        Assert.True(network.AllSeeAll());
        Assert.True(network.IsConnected());
        network.RunFor(TimeSpan.FromMinutes(1));
        Assert.True(network.AllHaveLost(dead));
    }

    [Theory]
    [MemberData(nameof(ManySeeds))]
    public void A_killed_node_is_lost_by_all_within_two_seconds_and_seen_when_it_starts_again(int seed)
    {
        var count = 2 + (seed % 15);
        using var network = Simulated.SettledSwarm(count, seed);
        var victim = network.Nodes[seed % count];
        network.Kill(victim);
        var time = network.Until(() => network.AllHaveLost([victim]), 2);
        Say($"{count}: lost after {time}");
        Assert.NotNull(time);
        network.RunFor(TimeSpan.FromSeconds(10));
        Assert.True(network.AllHaveLost([victim]));

        // As soon as others retry, without anybody to dial.
        network.Start(victim);
        time = network.Until(network.AllSeeAll, 5);
        Say($"back after {time}");
        Assert.NotNull(time);
    }

    [Theory]
    [MemberData(nameof(ManySeeds))]
    public void A_paused_node_is_lost_by_all_within_five_seconds_and_back_when_it_goes_on(int seed)
    {
        var count = 2 + (seed % 15);
        using var network = Simulated.SettledSwarm(count, seed);
        var victim = network.Nodes[seed % count];
        SimulatedNetwork.Pause(victim);
        var time = network.Until(() => network.AllHaveLost([victim]), 5);
        Say($"{count}: lost after {time}");
        Assert.NotNull(time);
        network.RunFor(TimeSpan.FromSeconds(20));
        Assert.True(network.AllHaveLost([victim]));

        network.Resume(victim);
        time = network.Until(network.AllSeeAll, 2);
        Say($"back after {time}");
        Assert.NotNull(time);

        // It knows that it was asleep, and has suspected nobody.
        Assert.Empty(victim.Events);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void An_hour_between_clocks_changes_nothing(int seed)
    {
        using var straight = Simulated.Swarm(16, seed);
        using var skewed = Simulated.Swarm(16, seed);
        foreach (var node in skewed.Nodes)
        {
            node.Skew = TimeSpan.FromHours((node.Index % 3) - 1);
        }

        foreach (var network in new[] { straight, skewed })
        {
            network.RunFor(TimeSpan.FromSeconds(20));
            network.Kill(network.Nodes[5]);
            network.RunFor(TimeSpan.FromSeconds(20));
            network.Start(network.Nodes[5], network.Nodes[1]);
            network.RunFor(TimeSpan.FromSeconds(20));
            Assert.True(network.AllSeeAll());
        }

        Assert.Equal(straight.Nodes.Select(node => node.Events), skewed.Nodes.Select(node => node.Events));
    }

    [Fact]
    public void One_whose_clock_has_gone_back_is_seen_again()
    {
        using var network = Simulated.SettledSwarm(8, seed: 3);
        var victim = network.Nodes[4];
        network.Kill(victim);
        network.RunFor(TimeSpan.FromSeconds(5));
        victim.Skew = -TimeSpan.FromHours(1);
        network.Start(victim, network.Nodes[0]);
        Assert.NotNull(network.Until(network.AllSeeAll, 5));
        network.RunFor(TimeSpan.FromSeconds(5));
        Assert.All(network.Nodes, node => Assert.True(victim.Machine.Ledger.Find(victim.Id)!.Sequence == node.Machine.Ledger.Find(victim.Id)!.Sequence));
    }

    [Theory]
    [InlineData(16, 0, 300, 0)]
    [InlineData(16, 0, 300, 0.05)]
    [InlineData(16, 1, 20, 0.05)]
    [InlineData(60, 0, 300, 0.05)]
    public void Late_and_lost_messages_make_nobody_suspect_for_ten_minutes(int count, int minLatency, int maxLatency, double loss)
    {
        using var network = Simulated.SettledSwarm(count, seed: 7, options => options with
        {
            MinLatency = TimeSpan.FromMilliseconds(minLatency),
            MaxLatency = TimeSpan.FromMilliseconds(maxLatency),
            Loss = loss,
        });
        network.RunFor(TimeSpan.FromMinutes(10));
        Assert.True(network.AllSeeAll());
        Assert.All(network.Nodes, node => Assert.DoesNotContain(node.Events, happening => Flaps.Contains(happening.Kind)));
    }

    [Theory]
    [InlineData(16, 1, 20)]
    [InlineData(16, 2, 90)]
    [InlineData(100, 3, 20)]
    [InlineData(100, 4, 90)]
    public void A_healed_partition_merges_within_ten_seconds_and_loses_no_record(int count, int seed, int seconds)
    {
        using var network = Simulated.SettledSwarm(count, seed);
        network.Split(node => node.Index % 2);
        network.RunFor(TimeSpan.FromSeconds(seconds));
        var (even, odd) = (network.Nodes.Where(node => node.Side == 0).ToArray(), network.Nodes.Where(node => node.Side == 1).ToArray());
        Assert.All(even, node => Assert.All(odd, other => Assert.Equal(MemberState.Lost, node.Think(other))));
        Assert.All(even, node => Assert.All(even, other => Assert.True(other == node || node.Think(other) is MemberState.Alive)));

        // On both sides somebody comes, and somebody says something new.
        foreach (var side in new[] { even, odd })
        {
            var newcomer = network.Add();
            newcomer.Side = side[0].Side;
            network.Start(newcomer, side[0]);
        }

        even[1].Machine.Announce(even[1].Facts with { Name = "new" }, network.Now);
        network.RunFor(TimeSpan.FromSeconds(15));

        network.Heal();
        var time = network.Until(network.AllSeeAll, 10);
        Say($"merged after {time}");
        Assert.NotNull(time);
        network.RunFor(TimeSpan.FromSeconds(1));
        Assert.All(network.Nodes, node => Assert.Equal(count + 2, node.Machine.Ledger.Records.Count));
        Assert.All(network.Nodes, node => Assert.Equal("new", node.Machine.Ledger.Find(even[1].Id)!.Facts.Name));
    }

    [Fact]
    public void The_same_seed_brings_the_same_and_another_one_does_not()
    {
        static List<string> Run(int seed)
        {
            using var network = Simulated.Swarm(30, seed, options => options with { Loss = 0.02 });
            network.RunFor(TimeSpan.FromSeconds(15));
            network.Kill(network.Nodes[3]);
            network.RunFor(TimeSpan.FromSeconds(15));
            return [.. network.Nodes.Select(node => $"{node.BytesSent} {node.Events.Count} {string.Join(' ', node.Events)}")];
        }

        var first = Run(1);
        Assert.Equal(first, Run(1));
        Assert.NotEqual(first, Run(2));
    }

    [Fact]
    public void One_that_leaves_is_gone_at_once_and_nobody_asks_after_it()
    {
        using var network = Simulated.SettledSwarm(40, seed: 9);
        var leaver = network.Nodes[7];
        network.Leave(leaver);
        network.RunFor(TimeSpan.FromSeconds(30));
        Assert.All(network.Running(), node => Assert.Equal(MemberState.Left, node.Think(leaver)));
        Assert.All(network.Running(), node => Assert.Equal([SwarmEventKind.Left], node.Events.Select(happening => happening.Kind)));
        network.RunFor(TimeSpan.FromMinutes(10));
        Assert.All(network.Running(), node => Assert.Equal(SwarmEventKind.Forgotten, node.Events[^1].Kind));

        network.Start(leaver, network.Nodes[0]);
        Assert.NotNull(network.Until(network.AllSeeAll, 10));
    }

    [Fact]
    public void Lost_ones_are_forgotten_and_come_back_as_new()
    {
        using var network = Simulated.SettledSwarm(20, seed: 10);
        var victim = network.Nodes[7];
        network.Kill(victim);
        network.RunFor(TimeSpan.FromMinutes(7));
        Assert.All(network.Running(), node => Assert.Null(node.Think(victim)));
        Assert.All(
            network.Running(),
            node => Assert.Equal([SwarmEventKind.Suspected, SwarmEventKind.Lost, SwarmEventKind.Forgotten], node.Events.Select(happening => happening.Kind)));
        network.Start(victim, network.Nodes[0]);
        Assert.NotNull(network.Until(network.AllSeeAll, 10));
        Assert.Equal(SwarmEventKind.Joined, network.Nodes[0].Events[^1].Kind);
    }

    private static void Say(string text) => TestContext.Current.TestOutputHelper!.WriteLine(text);
}
