namespace ManagedSwarm.Bench.Soak;

/// <summary>Whether the managed heap grows from cycle to cycle.</summary>
/// <param name="Samples">Bytes behind each cycle, collected.</param>
internal sealed record HeapTrend(IReadOnlyList<long> Samples)
{
    // Pools and caches fill in the first cycles.
    private const int LeastSamples = 6;

    /// <summary>What the heap may seem to grow by in all: pools keep now more arrays, now fewer.</summary>
    public const double Allowed = 4 << 20;

    /// <summary>
    /// Bytes per cycle: the median of the slopes between any two samples of the last two thirds (Theil and Sen), which single cycles
    /// with more or less in the pools do not move. 0: too few samples.
    /// </summary>
    public double Slope
    {
        get
        {
            var late = Samples.Skip(Samples.Count / 3).ToList();
            if (Samples.Count < LeastSamples)
            {
                return 0;
            }

            double[] slopes =
            [
                .. from i in Enumerable.Range(0, late.Count)
                   from j in Enumerable.Range(0, i)
                   let slope = (late[i] - late[j]) / (double)(i - j)
                   orderby slope
                   select slope,
            ];
            return slopes[slopes.Length / 2];
        }
    }

    /// <summary>Whether that comes to more than is allowed.</summary>
    public bool IsLeak => Slope * Samples.Count > Allowed;
}
