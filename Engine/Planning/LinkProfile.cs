namespace ManagedSwarm.Engine.Planning;

/// <summary>One direction of a way between two nodes.</summary>
/// <param name="LatencyMs">One way: half a round trip.</param>
/// <param name="BytesPerSecond">Bandwidth.</param>
public readonly record struct LinkProfile(double LatencyMs, double BytesPerSecond)
{
    /// <summary>Wired at 1 Gbit/s, which is what is assumed of links that nobody has measured.</summary>
    public static LinkProfile Assumed { get; } = new(0.15, 125e6);

    /// <summary>What so many bytes keep the link busy, in milliseconds.</summary>
    public double TransferMs(double bytes) => bytes / BytesPerSecond * 1000;

    /// <exception cref="EngineException"><c>invalid_value</c></exception>
    internal void Validate(string where)
    {
        if (!(LatencyMs >= 0 && double.IsFinite(LatencyMs) && BytesPerSecond > 0))
        {
            throw new EngineException(
                "invalid_value",
                FormattableString.Invariant($"{where} has a latency of {LatencyMs} ms and {BytesPerSecond} bytes/s; ")
                + "allowed are 0 or more, and more than 0");
        }
    }
}
