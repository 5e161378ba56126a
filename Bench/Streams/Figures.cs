using ManagedSwarm.Bench.Reports;

namespace ManagedSwarm.Bench.Streams;

/// <summary>What was measured of each stack, round by round.</summary>
internal sealed class Figures
{
    private readonly Dictionary<(Stack Stack, string Name), List<double>> _values = [];

    public void Add(Stack stack, string name, double value)
    {
        if (!_values.TryGetValue((stack, name), out var values))
        {
            _values.Add((stack, name), values = []);
        }

        values.Add(value);
    }

    public Rounds Of(Stack stack, string name) => new(_values[(stack, name)]);

    /// <summary>Over the bare socket's, round by round.</summary>
    public Rounds Ratio(Stack stack, string name) => Of(stack, name).Over(Of(Stack.RawTcp, name));
}
