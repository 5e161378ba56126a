namespace ManagedSwarm.Engine.Planning;

/// <summary>What <see cref="RangeSearch"/> makes small. Nodes are numbered, the head is 0. Infinity: not possible.</summary>
internal interface ISearchCosts
{
    /// <summary>What it costs that a node holds these layers; only the head may hold none.</summary>
    double OfLayers(int node, int first, int end);

    /// <summary>What it costs that one node is next behind another; to the head: that it is the last.</summary>
    double OfHop(int from, int to);

    /// <summary>The cost of a way of two parts; grows with each of them.</summary>
    double Join(double one, double other);
}
