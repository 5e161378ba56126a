using ManagedSwarm.Bench.Reports;

namespace ManagedSwarm.Bench.Splits;

/// <summary>What was measured of one way to run the model, once per round.</summary>
internal sealed class SplitFigures
{
    private readonly Dictionary<string, List<double>> _values = [];

    public void Add(string what, double value)
    {
        if (!_values.TryGetValue(what, out var values))
        {
            _values[what] = values = [];
        }

        values.Add(value);
    }

    public Rounds this[string what] => new(_values[what]);
}
