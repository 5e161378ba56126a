namespace ManagedSwarm.Engine.Planning;

/// <summary>The time of one token through all stages and hops.</summary>
/// <param name="problem">Valid.</param>
/// <param name="nodes">The head first.</param>
/// <param name="bottleneck">Says what is possible, and how long each stage and link is busy.</param>
/// <param name="most">What no stage and no link may take more of; of <paramref name="bottleneck"/>.</param>
internal sealed class ReplyTimeCosts(SplitProblem problem, IReadOnlyList<NodeProfile> nodes, BottleneckCosts bottleneck, double most) : ISearchCosts
{
    private readonly NodeTimes[] _times = [.. nodes.Select(node => new NodeTimes(problem.Shape, node))];
    private readonly Hops _hops = new(problem);

    public double OfLayers(int node, int first, int end) =>
        bottleneck.OfLayers(node, first, end) <= most ? _times[node].LayersMs(new(first, end - first), 1) : double.PositiveInfinity;

    public double OfHop(int from, int to) =>
        bottleneck.OfHop(from, to) <= most ? _hops.Ms(nodes[from].Id, nodes[to].Id, 1) : double.PositiveInfinity;

    public double Join(double one, double other) => one + other;
}
