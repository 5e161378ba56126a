namespace ManagedSwarm.Tests.Fixtures;

/// <summary>
/// Tests that read <c>/metrics</c>. They run alone: OpenTelemetry keeps one gauge per name and process, so a server that another test ends
/// would take it away.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MetricsReaders
{
    public const string Name = "Metrics";
}
