using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Engine.Planning;

/// <summary>
/// Finds the cheapest way through a <see cref="RouteGraph"/> on which each node takes a contiguous range of layers: an exact dynamic program
/// over (place, layers taken so far). It takes places · layers² / 2 + ways · layers steps.
/// </summary>
internal sealed class RangeSearch
{
    private readonly RouteGraph _graph;
    private readonly ISearchCosts _costs;
    private readonly int _layerCount;
    private readonly Cell[][] _cells;

    private RangeSearch(RouteGraph graph, ISearchCosts costs, int layerCount)
    {
        (_graph, _costs, _layerCount) = (graph, costs, layerCount);
        _cells = new Cell[graph.Places.Count][];
    }

    /// <summary>The cheapest ranges, in the order of their layers; of equally cheap ones those with the fewest workers.</summary>
    /// <param name="graph">Which orders.</param>
    /// <param name="costs">What is cheap.</param>
    /// <param name="layerCount">Of the model.</param>
    /// <param name="minWorkers">Nodes other than the head that must have layers.</param>
    /// <returns>Null: nothing is possible.</returns>
    public static Found? Run(RouteGraph graph, ISearchCosts costs, int layerCount, int minWorkers)
    {
        var search = new RangeSearch(graph, costs, layerCount);
        for (var place = 0; place < graph.Places.Count; place++)
        {
            search._cells[place] = place == 0 ? search.Start() : search.Take(place);
        }

        return search.Best(minWorkers);
    }

    private Cell[] Start()
    {
        var cells = new Cell[_layerCount + 1];
        for (var end = 0; end <= _layerCount; end++)
        {
            cells[end] = new(_costs.OfLayers(0, 0, end), 0, -1);
        }

        return cells;
    }

    private Cell[] Take(int place)
    {
        var node = _graph.Places[place].Node;
        var arrivals = Arrive(place);
        var cells = new Cell[_layerCount + 1];
        Array.Fill(cells, new(double.PositiveInfinity, 0, -1));
        for (var first = 0; first < _layerCount; first++)
        {
            for (var end = first + 1; end <= _layerCount && !double.IsPositiveInfinity(arrivals[first].Cost); end++)
            {
                var layers = _costs.OfLayers(node, first, end);
                if (double.IsPositiveInfinity(layers))
                {
                    // What is too much for a node does not become less with more layers.
                    break;
                }

                var cost = _costs.Join(arrivals[first].Cost, layers);
                if (cost < cells[end].Cost)
                {
                    cells[end] = new(cost, first, arrivals[first].From);
                }
            }
        }

        return cells;
    }

    // The cheapest way to the place, for each number of layers that are taken before it.
    private (double Cost, int From)[] Arrive(int place)
    {
        var arrivals = new (double Cost, int From)[_layerCount];
        Array.Fill(arrivals, (double.PositiveInfinity, -1));
        foreach (var from in _graph.Places[place].From)
        {
            var hop = _costs.OfHop(_graph.Places[from].Node, _graph.Places[place].Node);
            for (var taken = 0; taken < _layerCount; taken++)
            {
                var cost = _costs.Join(_cells[from][taken].Cost, hop);
                if (cost < arrivals[taken].Cost)
                {
                    arrivals[taken] = (cost, from);
                }
            }
        }

        return arrivals;
    }

    private Found? Best(int minWorkers)
    {
        var (best, bestPlace) = (double.PositiveInfinity, -1);
        var ends = _graph.Places.Select((place, at) => (Place: place, At: at)).Where(end => end.Place.Workers >= minWorkers);
        foreach (var (place, at) in ends.OrderBy(end => end.Place.Workers))
        {
            var cost = _costs.Join(_cells[at][_layerCount].Cost, _costs.OfHop(place.Node, 0));
            if (cost < best)
            {
                (best, bestPlace) = (cost, at);
            }
        }

        return bestPlace < 0 ? null : new(best, RangesTo(bestPlace));
    }

    private List<(int Node, LayerRange Layers)> RangesTo(int place)
    {
        var ranges = new List<(int Node, LayerRange Layers)>();
        for (var end = _layerCount; place >= 0;)
        {
            var cell = _cells[place][end];
            if (end > cell.First)
            {
                ranges.Add((_graph.Places[place].Node, new(cell.First, end - cell.First)));
            }

            (place, end) = (cell.From, cell.First);
        }

        ranges.Reverse();
        return ranges;
    }

    /// <param name="Cost">Of the whole way.</param>
    /// <param name="Ranges">Of each node that has some.</param>
    public sealed record Found(double Cost, IReadOnlyList<(int Node, LayerRange Layers)> Ranges);

    /// <summary>The cheapest way to a place on which so many layers are taken: where its node's range begins, and where it comes from.</summary>
    private readonly record struct Cell(double Cost, int First, int From);
}
