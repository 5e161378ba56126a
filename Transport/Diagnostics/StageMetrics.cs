using System.Diagnostics.Metrics;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Frames;

namespace ManagedSwarm.Transport.Diagnostics;

/// <summary>What a node measures of stages: its own as a worker, those of its plans as a head.</summary>
internal sealed class StageMetrics : IDisposable
{
    /// <summary>A role: who measures all stages of its plans.</summary>
    public const string Head = "head";

    /// <summary>A role: who measures its own stages.</summary>
    public const string Worker = "worker";

    private readonly Meter _meter;
    private readonly Histogram<double> _compute;
    private readonly Histogram<double> _wait;
    private readonly Histogram<double> _wire;
    private readonly Counter<long> _bytes;
    private readonly Lock _gate = new();
    private readonly SortedDictionary<(int First, int Count), Sum> _sums = [];

    /// <param name="meters">Makes the meter; null: nobody does, it is made here.</param>
    public StageMetrics(IMeterFactory? meters)
    {
        _meter = meters?.Create(new MeterOptions(TransportMetrics.MeterName)) ?? new Meter(TransportMetrics.MeterName);
        _compute = CreateTime("managedswarm.stage.compute.duration", "What a step took to compute at a stage.");
        _wait = CreateTime("managedswarm.stage.wait.duration", "How long a step waited at a stage until it was its turn.");
        _wire = CreateTime("managedswarm.stage.wire.duration", "How long a step was on its way to a stage: the mean of its hops.");
        _bytes = _meter.CreateCounter<long>("managedswarm.stage.io", "By", "Bytes of hidden states that were sent to stages.");
    }

    /// <summary>What steps have taken at the stages of this head's plans so far.</summary>
    public IReadOnlyList<StageTotals> Totals
    {
        get
        {
            lock (_gate)
            {
                return [.. _sums.Select(pair => pair.Value.ToTotals(new LayerRange(pair.Key.First, pair.Key.Count)))];
            }
        }
    }

    /// <summary>A stage has computed a step.</summary>
    /// <param name="layers">The stage's.</param>
    /// <param name="role">Who measures: <c>head</c>, <c>worker</c>.</param>
    /// <param name="hop">What it took.</param>
    public void Computed(LayerRange layers, string role, HopTime hop)
    {
        if (role == Head)
        {
            lock (_gate)
            {
                SumOf(layers).AddStep(hop);
            }
        }

        if (_compute.Enabled || _wait.Enabled)
        {
            _compute.Record(hop.Compute / 1e6, Layers(layers), Role(role));
            _wait.Record(hop.Wait / 1e6, Layers(layers), Role(role));
        }
    }

    /// <summary>A step has come to a stage.</summary>
    public void Sent(LayerRange layers, string role, TimeSpan wire, long bytes)
    {
        if (role == Head)
        {
            lock (_gate)
            {
                SumOf(layers).AddWay(wire, bytes);
            }
        }

        if (_wire.Enabled || _bytes.Enabled)
        {
            _wire.Record(wire.TotalSeconds, Layers(layers), Role(role));
            _bytes.Add(bytes, Layers(layers), Role(role));
        }
    }

    public void Dispose() => _meter.Dispose();

    /// <summary>To be called under the lock.</summary>
    private Sum SumOf(LayerRange layers)
    {
        var key = (layers.First, layers.Count);
        if (!_sums.TryGetValue(key, out var sum))
        {
            _sums.Add(key, sum = new Sum());
        }

        return sum;
    }

    private static KeyValuePair<string, object?> Layers(LayerRange layers) => new("layers", layers.ToString());

    private static KeyValuePair<string, object?> Role(string role) => new("role", role);

    private Histogram<double> CreateTime(string name, string description) => _meter.CreateHistogram(
        name,
        "s",
        description,
        advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
        });

    private sealed class Sum
    {
        private long _steps;
        private long _wait;
        private long _compute;
        private TimeSpan _wire;
        private long _bytes;

        public void AddStep(HopTime hop)
        {
            _steps++;
            _wait += hop.Wait;
            _compute += hop.Compute;
        }

        public void AddWay(TimeSpan wire, long bytes)
        {
            _wire += wire;
            _bytes += bytes;
        }

        public StageTotals ToTotals(LayerRange layers) =>
            new(layers, _steps, TimeSpan.FromMicroseconds(_wait), TimeSpan.FromMicroseconds(_compute), _wire, _bytes);
    }
}
