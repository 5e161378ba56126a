namespace ManagedSwarm.Transport.Frames;

/// <summary>What a step took at one stage, in microseconds.</summary>
/// <param name="Wait">From its arrival until it was its turn.</param>
/// <param name="Compute">The stage's own work.</param>
internal readonly record struct HopTime(int Wait, int Compute)
{
    /// <summary>Hops of a trace; a plan has no more stages.</summary>
    public const int MaxHops = 64;

    public static HopTime Of(TimeSpan wait, TimeSpan compute) => new(Microseconds(wait), Microseconds(compute));

    private static int Microseconds(TimeSpan time) => (int)Math.Clamp(time.TotalMicroseconds, 0, int.MaxValue);
}
