using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Bench.Swarm;

/// <summary>What the nodes of a simulated network think of each other.</summary>
internal static class SwarmView
{
    public static IEnumerable<SimulatedNode> Running(this SimulatedNetwork network) => network.Nodes.Where(node => node.IsRunning && !node.IsPaused);

    /// <summary>What a node thinks of another; null: it does not know it, or has forgotten it.</summary>
    public static MemberState? Think(this SimulatedNode node, SimulatedNode of) =>
        node.Machine.TryFind(of.Id, out var contact) && contact.IsMember ? contact.State : null;

    /// <summary>Whether each running node has each other one for alive.</summary>
    public static bool AllSeeAll(this SimulatedNetwork network)
    {
        var running = network.Running().ToArray();
        return running.All(node => running.All(other => other == node || node.Think(other) is MemberState.Alive));
    }

    /// <summary>Whether no running node has one of these for alive.</summary>
    public static bool AllHaveLost(this SimulatedNetwork network, IReadOnlyCollection<SimulatedNode> dead) =>
        network.Running().All(node => dead.All(other => node == other || node.Think(other) is null or MemberState.Lost or MemberState.Left));

    /// <summary>Whether a node's view is as full as it gets.</summary>
    public static bool HasFullView(this SimulatedNode node, int members) =>
        node.Machine.Contacts.Count(contact => contact is { IsMember: true, State: MemberState.Alive }) >= members - 1;

    /// <summary>Bytes that a node has sent on average.</summary>
    public static double MeanBytesSent(this SimulatedNetwork network) => network.Running().Average(node => (double)node.BytesSent);

    /// <summary>Whether the sessions join all running nodes.</summary>
    public static bool IsConnected(this SimulatedNetwork network)
    {
        var running = network.Running().ToList();
        var seen = new HashSet<PeerId> { running[0].Id };
        for (var queue = new Queue<SimulatedNode>([running[0]]); queue.TryDequeue(out var node);)
        {
            foreach (var peer in node.Sessions.Keys.Where(seen.Add))
            {
                queue.Enqueue(network.Find(peer));
            }
        }

        return running.All(node => seen.Contains(node.Id));
    }
}
