namespace ManagedSwarm.Bench.Soak;

/// <summary>How long a soak takes, and how hard it is.</summary>
internal sealed record SoakOptions
{
    /// <summary>Of all that is drawn. When things happen remains the machine's.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Local peers; each opens streams to each other.</summary>
    public int Peers { get; init; } = 3;

    /// <summary>Streams that are open at once, about.</summary>
    public int Workers { get; init; } = 12;

    /// <summary>No cycle begins after so many.</summary>
    public int Cycles { get; init; } = int.MaxValue;

    /// <summary>No cycle begins after this time.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.MaxValue;

    /// <summary>Streams that each worker opens in a cycle, at most.</summary>
    public int StreamsPerWorker { get; init; } = int.MaxValue;

    /// <summary>No stream is opened after this time of a cycle.</summary>
    public TimeSpan CycleTime { get; init; } = TimeSpan.MaxValue;

    /// <summary>Bytes of one direction of a stream: several windows, so that writers wait for readers.</summary>
    public int MostBytes { get; init; } = 1 << 20;

    /// <summary>How long a stream, or the end of what a cycle began, may take before it counts as hung.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(90);
}
