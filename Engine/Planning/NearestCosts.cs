namespace ManagedSwarm.Engine.Planning;

/// <summary>How far ranges are from wished numbers of layers: the sum of the squared differences, over all nodes in their order.</summary>
internal sealed class NearestCosts : ISearchCosts
{
    private readonly IReadOnlyList<NodeRoom> _rooms;
    private readonly IReadOnlyList<int> _wishes;
    private readonly bool _headHoldsLayers;
    private readonly double[] _sums;

    /// <param name="rooms">Of each node.</param>
    /// <param name="wishes">Of each node.</param>
    /// <param name="headHoldsLayers">Whether node 0 may.</param>
    public NearestCosts(IReadOnlyList<NodeRoom> rooms, IReadOnlyList<int> wishes, bool headHoldsLayers)
    {
        (_rooms, _wishes, _headHoldsLayers) = (rooms, wishes, headHoldsLayers);
        _sums = new double[wishes.Count + 1];
        for (var node = 0; node < wishes.Count; node++)
        {
            _sums[node + 1] = _sums[node] + ((double)wishes[node] * wishes[node]);
        }
    }

    public double OfLayers(int node, int first, int end)
    {
        var isPossible = _rooms[node].Fits(first, end) && (node > 0 || end == 0 || _headHoldsLayers);
        double difference = end - first - _wishes[node];
        return isPossible ? difference * difference : double.PositiveInfinity;
    }

    // Nodes between them get nothing.
    public double OfHop(int from, int to) => _sums[to == 0 ? _wishes.Count : to] - _sums[from + 1];

    public double Join(double one, double other) => one + other;
}
