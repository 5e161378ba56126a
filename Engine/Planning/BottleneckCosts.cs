namespace ManagedSwarm.Engine.Planning;

/// <summary>The time of the slowest stage or link; what does not fit into a node's memory takes for ever.</summary>
/// <param name="problem">Valid.</param>
/// <param name="nodes">The head first.</param>
internal sealed class BottleneckCosts(SplitProblem problem, IReadOnlyList<NodeProfile> nodes) : ISearchCosts
{
    private readonly NodeRoom[] _rooms = RoomsOf(problem, nodes);
    private readonly NodeTimes[] _times = [.. nodes.Select(node => new NodeTimes(problem.Shape, node))];
    private readonly Hops _hops = new(problem);
    private readonly int _rows = problem.RowsPerGroup;

    public double OfLayers(int node, int first, int end)
    {
        var isPossible = _rooms[node].Fits(first, end) && (node > 0 || end == 0 || problem.HeadHoldsLayers);
        return isPossible ? LayersMs(node, first, end) + _times[node].HeadMs(_rows) : double.PositiveInfinity;
    }

    public double OfHop(int from, int to) => _hops.BusyMs(nodes[from].Id, nodes[to].Id, _rows);

    public double Join(double one, double other) => Math.Max(one, other);

    private double LayersMs(int node, int first, int end) => first == end ? 0 : _times[node].LayersMs(new(first, end - first), _rows);

    private static NodeRoom[] RoomsOf(SplitProblem problem, IReadOnlyList<NodeProfile> nodes)
    {
        var rooms = NodeRoom.ById(problem);
        return [.. nodes.Select(node => rooms[node.Id])];
    }
}
