using ManagedSwarm.Bench.Swarm;
using ManagedSwarm.Tests.Transport.Membership.Messages;
using ManagedSwarm.Transport.Libp2p.Gossip;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Membership.Messages;

namespace ManagedSwarm.Tests.Transport.Membership.Simulations;

/// <summary>A holder of the token that means harm: the last node of each swarm, which sends what it wants over its sessions.</summary>
public sealed class HostileSimulationTests
{
    [Fact]
    public void A_forged_record_is_refused_wherever_it_comes()
    {
        using var network = Simulated.SettledSwarm(12, seed: 1);
        var (victim, hostile) = (network.Nodes[2], network.Nodes[^1]);
        var real = victim.Machine.Ledger.Find(victim.Id)!;
        var newer = victim.Codec.Sign(real.Sequence + 1, TimeSpan.FromHours(1), isTombstone: true, victim.Facts).Bytes.ToArray();
        newer[^1] ^= 1;
        SayToAll(network, hostile, new MemberMessage.Records([newer]));
        SayToAll(network, hostile, new GossipRpc { Messages = [hostile.Compose(newer)] });
        network.RunFor(TimeSpan.FromSeconds(10));
        Assert.All(Others(network), node => Assert.True(node.Refusals["forged_record"] >= 1));
        Assert.True(network.AllSeeAll());
        Assert.All(network.Nodes, node => Assert.Empty(node.Events));
    }

    [Fact]
    public void Anothers_record_cannot_be_spread_as_ones_own()
    {
        using var network = Simulated.SettledSwarm(12, seed: 2);
        var (victim, hostile) = (network.Nodes[2], network.Nodes[^1]);
        var farewell = victim.Codec.Sign(victim.Machine.Ledger.Find(victim.Id)!.Sequence + 1, TimeSpan.FromMinutes(1), isTombstone: true, victim.Facts);
        SayToAll(network, hostile, new GossipRpc { Messages = [hostile.Compose(farewell.Bytes)] });
        network.RunFor(TimeSpan.FromSeconds(10));
        Assert.All(Others(network), node => Assert.Empty(node.Events));
        Assert.All(Others(network), node => Assert.Equal(1, node.Refusals["forged_record"]));
    }

    [Fact]
    public void A_replayed_tombstone_loses_against_the_record_of_the_next_life()
    {
        using var network = Simulated.SettledSwarm(12, seed: 3);
        var (victim, hostile) = (network.Nodes[2], network.Nodes[^1]);
        network.Leave(victim);
        network.RunFor(TimeSpan.FromSeconds(5));
        var farewell = hostile.Machine.Ledger.Find(victim.Id)!;
        Assert.True(farewell.IsTombstone);
        network.Start(victim, network.Nodes[0]);
        Assert.NotNull(network.Until(network.AllSeeAll, 10));
        for (var i = 0; i < 20; i++)
        {
            SayToAll(network, hostile, new MemberMessage.Records([farewell.Bytes]));
            SayToAll(network, hostile, new GossipRpc { Messages = [victim.Compose(farewell.Bytes)] });
            network.RunFor(TimeSpan.FromMilliseconds(200));
            Assert.True(network.AllSeeAll());
        }
    }

    [Fact]
    public void A_flood_of_records_is_bounded_and_stays_with_its_neighbours()
    {
        using var network = Simulated.SettledSwarm(40, seed: 4);
        var hostile = network.Nodes[^1];
        var sequence = hostile.Machine.Ledger.Find(hostile.Id)!.Sequence;
        var before = Others(network).ToDictionary(node => node, node => node.BytesSent);
        for (var i = 0; i < 1000; i++)
        {
            var record = hostile.Codec.Sign(++sequence, TimeSpan.FromHours(1), isTombstone: false, hostile.Facts with { Name = $"{i}" });
            SayToAll(network, hostile, new GossipRpc { Messages = [hostile.Compose(record.Bytes)] });
            network.RunFor(TimeSpan.FromMilliseconds(10));
        }

        // In ten seconds, 16 and twice ten are taken.
        Assert.All(Others(network), node => Assert.InRange(node.Events.Count(happening => happening.Id == hostile.Id), 1, 40));
        Assert.All(Others(network), node => Assert.All(node.Events, happening => Assert.Equal(hostile.Id, happening.Id)));
        Assert.Contains(Others(network), node => node.Refusals.ContainsKey("too_many_records"));
        Assert.All(Others(network), node => Assert.InRange(node.BytesSent - before[node], 0, 300_000));
        Assert.True(network.AllSeeAll());
    }

    [Fact]
    public void A_flood_of_records_of_nodes_that_are_not_there_is_bounded_by_the_session()
    {
        using var network = Simulated.SettledSwarm(4, seed: 5);
        var hostile = network.Nodes[^1];
        using var pool = new SimulatedNetwork(new SimulationOptions());
        for (var i = 0; i < 3000; i++)
        {
            // Ids of a million on: nobody has those.
            using var ghost = new SimulatedNode(pool, 1_000_000 + i);
            var record = ghost.Codec.Sign(1, TimeSpan.FromHours(1), isTombstone: false, ghost.Facts);
            SayToAll(network, hostile, new MemberMessage.Records([record.Bytes]));
        }

        network.RunFor(TimeSpan.FromMilliseconds(50));
        Assert.All(Others(network), node => Assert.InRange(node.Machine.Ledger.Records.Count, 4, network.Options.Membership.Ledger.MaxMembers));
        Assert.All(Others(network), node => Assert.True(node.Refusals["too_many_records"] > 0));
        Assert.All(Others(network), node => Assert.All(Others(network), other => Assert.True(node == other || node.Think(other) is MemberState.Alive)));
    }

    [Fact]
    public void Suspicions_and_reports_that_are_lies_lose_nobody_and_cost_little()
    {
        using var network = Simulated.SettledSwarm(40, seed: 6);
        var hostile = network.Nodes[^1];
        var before = network.MeanBytesSent();
        for (var i = 0; i < 100; i++)
        {
            foreach (var target in Others(network))
            {
                SayToAll(network, hostile, new MemberMessage.Suspect(target.Id, target.Machine.Ledger.Find(target.Id)!.Sequence));
                SayToAll(network, hostile, new MemberMessage.ProbeReport(target.Id, (uint)i, IsAlive: false));
            }

            network.RunFor(TimeSpan.FromMilliseconds(100));
        }

        Assert.All(network.Nodes, node => Assert.DoesNotContain(node.Events, happening => happening.Kind is SwarmEventKind.Lost));
        network.RunFor(TimeSpan.FromSeconds(3));
        Assert.True(network.AllSeeAll());
        Assert.InRange(network.MeanBytesSent() - before, 0, 600_000);
    }

    [Fact]
    public void A_digest_that_lies_is_answered_once_and_changes_nothing()
    {
        using var network = Simulated.SettledSwarm(8, seed: 7);
        var hostile = network.Nodes[^1];
        DigestEntry[] entries = [.. network.Nodes.Select(node => new DigestEntry(node.Id, ulong.MaxValue)), new(MemberMessages.First, 5)];
        SayToAll(network, hostile, new MemberMessage.Digest(ulong.MaxValue, entries));
        network.RunFor(TimeSpan.FromSeconds(10));
        Assert.True(network.AllSeeAll());
        Assert.All(network.Nodes, node => Assert.Empty(node.Events));
        Assert.All(network.Nodes, node => Assert.Equal(8, node.Machine.Ledger.Records.Count));
    }

    private static IEnumerable<SimulatedNode> Others(SimulatedNetwork network) => network.Nodes.SkipLast(1);

    private static void SayToAll(SimulatedNetwork network, SimulatedNode hostile, object message)
    {
        foreach (var peer in hostile.Sessions.Keys)
        {
            network.Send(hostile, peer, message);
        }
    }
}
