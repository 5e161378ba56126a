using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Bench.Swarm;

/// <summary>A swarm of one size from its start over rest to the death of a tenth.</summary>
/// <param name="nodes">How many.</param>
/// <param name="view">Members that each of more than 1,000 nodes may know.</param>
/// <param name="seed">Of what is drawn.</param>
/// <param name="say">Tells how far it has come.</param>
internal sealed class SwarmTrial(int nodes, int view, int seed, Action<string> say)
{
    private const int MostAtOnce = 1000;
    private const int StartsPerSecond = 200;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private TimeSpan Rest => IsBounded ? TimeSpan.FromSeconds(30) : TimeSpan.FromMinutes(2);

    private bool IsBounded => nodes > MostAtOnce;

    private TimeSpan Step => TimeSpan.FromMilliseconds(nodes <= 100 ? 100 : nodes <= MostAtOnce ? 250 : 1000);

    public SwarmResult Run()
    {
        var membership = new MembershipOptions { Topic = "records" };
        var limit = IsBounded ? view : Math.Max(nodes, membership.Ledger.MaxMembers);
        membership = membership with { Ledger = membership.Ledger with { MaxMembers = limit } };
        using var network = new SimulatedNetwork(new SimulationOptions { Seed = seed, Membership = membership }) { KeepsEvents = false };
        StartAll(network);
        var seen = network.RunUntil(() => IsSeen(network, limit), Patience, Step);
        say($"{nodes} nodes: seen after {seen}");
        network.RunFor(TimeSpan.FromSeconds(20));
        var (bytes, messages) = (network.Nodes.Select(node => node.BytesSent).ToArray(), network.Nodes.Sum(node => node.MessagesSent));
        network.RunFor(Rest);
        var rates = network.Nodes.Select(node => (node.BytesSent - bytes[node.Index]) / Rest.TotalSeconds).ToArray();
        var messageRate = (network.Nodes.Sum(node => node.MessagesSent) - messages) / Rest.TotalSeconds / nodes;
        var sessions = network.Nodes.Average(node => (double)node.Sessions.Count);
        say($"{nodes} nodes: {rates.Average():F0} bytes/s at rest, {sessions:F1} sessions each");
        var (agreed, cost) = KillTenth(network);
        say($"{nodes} nodes: agreed after {agreed}");
        return new(Math.Min(limit, nodes), seen, sessions, rates.Average(), rates.Max(), messageRate, agreed, cost, network.EventCount);
    }

    private void StartAll(SimulatedNetwork network)
    {
        var random = new Random(seed);
        for (var i = 0; i < nodes; i++)
        {
            network.Start(network.Add(), i == 0 ? [] : [network.Nodes[IsBounded ? random.Next(i) : 0]]);
            if (IsBounded)
            {
                network.RunFor(TimeSpan.FromSeconds(1.0 / StartsPerSecond));
            }
        }
    }

    private bool IsSeen(SimulatedNetwork network, int limit) =>
        IsBounded ? network.Nodes.All(node => node.HasFullView(limit)) : network.AllSeeAll();

    private (TimeSpan? Time, double Bytes) KillTenth(SimulatedNetwork network)
    {
        var dead = network.Nodes.Where(node => node.Index % 10 == 3).ToArray();
        foreach (var node in dead)
        {
            network.Kill(node);
        }

        var before = network.MeanBytesSent();
        var time = network.RunUntil(() => network.AllHaveLost(dead), Patience, Step);
        return (time, network.MeanBytesSent() - before);
    }
}
