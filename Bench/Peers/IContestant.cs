namespace ManagedSwarm.Bench.Peers;

/// <summary>An engine that computes the same tests as others, on the same file.</summary>
internal interface IContestant
{
    /// <summary>Its name in the table.</summary>
    string Name { get; }

    /// <summary>Runs all tests once, warmed up: tokens per second by the test's name. What it cannot run is missing.</summary>
    IReadOnlyDictionary<string, double> Measure();
}
