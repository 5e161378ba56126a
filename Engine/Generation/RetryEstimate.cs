namespace ManagedSwarm.Engine.Generation;

/// <summary>
/// When a full queue will have a place again. By Little's law, requests leave at the rate at which they come: as many as are here, in the
/// time that one of them stays. So the next one leaves after the mean stay divided by their number.
/// </summary>
internal sealed class RetryEstimate
{
    /// <summary>The mean follows the last dozen requests or so.</summary>
    private const double Weight = 1.0 / 8;

    /// <summary>Less would be hammering.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    /// <summary>Whoever waits longer misses the places that short replies make.</summary>
    private static readonly TimeSpan Most = TimeSpan.FromMinutes(1);

    private TimeSpan? _stay;

    /// <summary>A request has left: it is answered, or was given up.</summary>
    /// <param name="stay">From its coming, with the time that it waited.</param>
    public void Leaves(TimeSpan stay) => _stay = _stay is { } mean ? mean + ((stay - mean) * Weight) : stay;

    /// <summary>How long until the next place, of <paramref name="present"/> requests that wait or run; where none has left yet, the least.</summary>
    public TimeSpan Next(int present)
    {
        var wait = (_stay ?? Least) / Math.Max(1, present);
        return wait < Least ? Least : wait > Most ? Most : wait;
    }
}
