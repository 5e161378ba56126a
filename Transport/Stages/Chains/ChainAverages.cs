using ManagedSwarm.Transport.Frames;

namespace ManagedSwarm.Transport.Stages.Chains;

/// <summary>Moving averages of what steps take at the stages of a chain, and on their way. One thread at a time.</summary>
/// <param name="stages">How many there are.</param>
internal sealed class ChainAverages(int stages)
{
    // The last ten steps or so: soon right again when prompts follow replies.
    private const double Weight = 0.1;

    // A group more in flight reads all weights once more: less than this part of a stage's time is not worth that.
    private const double WorthwhilePart = 0.2;

    private readonly double[] _wait = new double[stages];
    private readonly double[] _compute = new double[stages];
    private double _wire;

    /// <summary>Steps that went through.</summary>
    public long Steps { get; private set; }

    /// <summary>Bytes of hidden states that went to each stage.</summary>
    public long Bytes { get; private set; }

    /// <summary>
    /// How many steps keep all stages busy: while the slowest computes one, the others and the wires have the rest of the way to do. At
    /// least 1, or 2 where there are several stages, and at most one more than there are stages.
    /// </summary>
    public int StepsInFlight
    {
        get
        {
            var slowest = _compute.Max();
            var least = Math.Min(2, stages);
            if (Steps == 0 || slowest <= 0)
            {
                return least;
            }

            var way = _compute.Sum() + (_wire * (stages + 1));
            return (int)Math.Clamp(Math.Ceiling((way / slowest) - WorthwhilePart), least, stages + 1);
        }
    }

    public TimeSpan Wire => TimeSpan.FromMicroseconds(_wire);

    public TimeSpan WaitOf(int stage) => TimeSpan.FromMicroseconds(_wait[stage]);

    public TimeSpan ComputeOf(int stage) => TimeSpan.FromMicroseconds(_compute[stage]);

    /// <summary>A step has gone through all stages.</summary>
    /// <param name="trace">One for each of them; others are not counted.</param>
    /// <param name="elapsed">From its start to its result.</param>
    /// <param name="bytes">Of its hidden states.</param>
    /// <returns>The mean time of its hops.</returns>
    public TimeSpan Add(ReadOnlySpan<HopTime> trace, TimeSpan elapsed, long bytes)
    {
        if (trace.Length != stages)
        {
            return TimeSpan.Zero;
        }

        var (weight, hops) = (Steps == 0 ? 1 : Weight, elapsed.TotalMicroseconds);
        for (var i = 0; i < stages; i++)
        {
            _wait[i] += weight * (trace[i].Wait - _wait[i]);
            _compute[i] += weight * (trace[i].Compute - _compute[i]);
            hops -= (double)trace[i].Wait + trace[i].Compute;
        }

        var wire = Math.Max(0, hops / (stages + 1));
        _wire += weight * (wire - _wire);
        Steps++;
        Bytes += bytes;
        return TimeSpan.FromMicroseconds(wire);
    }
}
