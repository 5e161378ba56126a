namespace ManagedSwarm.Server.Pages.Swarm.State;

/// <summary>The nodes on a plane, as a drawing of <see cref="Width"/> by <paramref name="Height"/>.</summary>
/// <param name="Links">Sessions of this node.</param>
/// <param name="Hops">The ways that steps of this node's model go.</param>
public sealed record Topology(int Height, EqualList<TopologyNode> Nodes, EqualList<TopologyLink> Links, EqualList<TopologyHop> Hops)
{
    public const int Width = 1000;
}

/// <summary>A box around a middle.</summary>
public sealed record TopologyNode(string Id, string Name, string Detail, string State, bool IsSelf, int X, int Y, int BoxWidth, int BoxHeight);

/// <summary>A line between two middles.</summary>
/// <param name="Label">The round trip.</param>
public sealed record TopologyLink(string Id, int X1, int Y1, int X2, int Y2, string Label, bool IsConnected);

/// <summary>A curve from one box to the next one.</summary>
/// <param name="Path">As SVG writes it.</param>
/// <param name="Label">What a step takes on it.</param>
public sealed record TopologyHop(string Id, string Path, int X, int Y, string Label);
