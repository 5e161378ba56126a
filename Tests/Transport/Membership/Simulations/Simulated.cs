using ManagedSwarm.Bench.Swarm;

namespace ManagedSwarm.Tests.Transport.Membership.Simulations;

/// <summary>Simulated swarms for tests.</summary>
internal static class Simulated
{
    public static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    /// <summary>Nodes that all start at once and know the first one only.</summary>
    public static SimulatedNetwork Swarm(int nodes, int seed, Func<SimulationOptions, SimulationOptions>? change = null)
    {
        var options = new SimulationOptions { Seed = seed };
        var network = new SimulatedNetwork(change?.Invoke(options) ?? options);
        for (var i = 0; i < nodes; i++)
        {
            var node = network.Add();
            network.Start(node, i == 0 ? [] : [network.Nodes[0]]);
        }

        return network;
    }

    /// <summary>A swarm whose nodes all know each other, and that has come to rest.</summary>
    public static SimulatedNetwork SettledSwarm(int nodes, int seed, Func<SimulationOptions, SimulationOptions>? change = null)
    {
        var network = Swarm(nodes, seed, change);
        Assert.NotNull(network.RunUntil(network.AllSeeAll, TimeSpan.FromSeconds(20), Step));
        network.RunFor(TimeSpan.FromSeconds(30));
        Assert.True(network.AllSeeAll());
        foreach (var node in network.Nodes)
        {
            node.Events.Clear();
        }

        return network;
    }

    public static TimeSpan? Until(this SimulatedNetwork network, Func<bool> condition, double seconds) =>
        network.RunUntil(condition, TimeSpan.FromSeconds(seconds), Step);
}
