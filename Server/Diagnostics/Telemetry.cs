using ManagedSwarm.Server.Federation;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace ManagedSwarm.Server.Diagnostics;

/// <summary><c>/metrics</c> in Prometheus' form: the engine's meter and those of the web server.</summary>
internal static class Telemetry
{
    private const string Path = "/metrics";

    private static readonly string[] Meters =
    [
        "ManagedSwarm.Engine",
        "ManagedSwarm.Transport",
        FederationMetrics.MeterName,
        "Microsoft.AspNetCore.Hosting",
        "Microsoft.AspNetCore.Server.Kestrel",
        "System.Runtime",
    ];

    public static void Add(IServiceCollection services) => services.AddOpenTelemetry()
        .ConfigureResource(resource => resource.AddService("managedswarm"))
        .WithMetrics(metrics => metrics
            .AddMeter(Meters)
            .AddPrometheusExporter(exporter => exporter.ScrapeResponseCacheDurationMilliseconds = 0));

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPrometheusScrapingEndpoint(Path);
}
