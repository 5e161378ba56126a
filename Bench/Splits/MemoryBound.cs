using ManagedSwarm.Bench.Memory;

namespace ManagedSwarm.Bench.Splits;

/// <summary>
/// What memory leaves of a split's gain where several replies are in flight: one process reads all weights once for all of them, a split
/// once for each group of them.
/// </summary>
/// <param name="OneCore">GB/s that one core reads alone.</param>
/// <param name="TwoCores">GB/s that two read together.</param>
internal sealed record MemoryBound(double OneCore, double TwoCores)
{
    public static MemoryBound Measure()
    {
        using var one = new ReadBandwidth(1);
        using var two = new ReadBandwidth(2);
        return new(one.Measure(), two.Measure());
    }

    /// <summary>
    /// The ratio that two workers could reach in two groups, nothing lost on the way: of what the whole model takes for one reply's token and
    /// for one of each of them, reading is what does not grow with their number. Both cores then read half of the weights, twice.
    /// </summary>
    /// <param name="one">Tokens per second of one reply.</param>
    /// <param name="all">Tokens per second of all.</param>
    /// <param name="requests">How many.</param>
    public double Ratio(double one, double all, int requests)
    {
        var (single, together) = (1 / one, requests / all);
        var compute = (together - single) / (requests - 1);
        var reading = single - compute;
        return together / ((reading * 2 * OneCore / TwoCores) + (compute * requests / 2));
    }
}
