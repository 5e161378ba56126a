using System.Diagnostics.Metrics;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Server.OpenAi;

[Collection(MetricsReaders.Name)]
public sealed class MetricsTests
{
    [Fact]
    public async Task Shows_the_engines_meter_and_the_durations_of_requests()
    {
        await using var server = await RunningServer.StartAsync();
        using var meter = new Meter("ManagedSwarm.Engine");
        meter.CreateCounter<long>("managedswarm.test.metrics", "{token}").Add(42);
        await server.PostOkAsync("/v1/completions", """{"prompt": "a"}""");

        var text = await server.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken);

        Assert.Matches(@"managedswarm_test_metrics\S*(\{[^}]*\})? 42", text);
        Assert.Matches(@"http_server_request_duration_seconds_count\{[^}]*http_route=""/v1/completions""[^}]*\} [1-9]", text);
    }
}
