using System.Diagnostics;
using ManagedSwarm.Bench.Reports;
using ManagedSwarm.Server.Federation.Policies;

namespace ManagedSwarm.Bench.Federation;

/// <summary>Requests per second through one router, and the time of cores that each takes, process by process.</summary>
internal sealed class RequestRate : IFederationPart
{
    private const int Users = 32;
    private const int Instances = 2;

    public string Name => "rate";

    public async Task AddToAsync(Report report, FederationScale scale, CancellationToken cancellationToken)
    {
        await using var swarm = await FederationSwarm.StartAsync(new MockSpeed?[Instances], RoutePolicyKind.Balanced, cancellationToken);
        using var direct = FederationSwarm.Client(swarm.Instances.First().Address);
        using var routed = FederationSwarm.Client(swarm.Router);
        var found = new Dictionary<string, List<Taken>> { ["directly"] = [], ["through the router"] = [] };

        // The first round warms up.
        for (var round = 0; round <= scale.Rounds; round++)
        {
            foreach (var (name, http) in new[] { ("directly", direct), ("through the router", routed) })
            {
                var taken = await RunAsync(scale, swarm, http, cancellationToken);
                Progress.Say($"round {round}, {name}: {taken}");
                if (round > 0)
                {
                    found[name].Add(taken);
                }
            }
        }

        report.AddSection("Requests per second");
        report.AddParagraph(
            $"{Users} users who ask for one token again and again, {Instances} instances that take no time, in one process. All processes share the "
            + "cores; the time of cores that a request takes in each says what the router could do alone. Asked: at least 2,000 per second through the router.");
        var table = new MarkdownTable(
            "", "requests/s", "router, µs of a core", "instances, µs", "load generator, µs", "router alone on these cores, requests/s");
        foreach (var (name, taken) in found)
        {
            var router = new Rounds([.. taken.Select(one => one.Router)]);
            table.Add(
                name,
                $"**{new Rounds([.. taken.Select(one => one.PerSecond)])}**",
                router.ToString(),
                new Rounds([.. taken.Select(one => one.Instances)]).ToString(),
                new Rounds([.. taken.Select(one => one.Generator)]).ToString(),
                name == "directly" ? "" : Rounds.Digits(Environment.ProcessorCount * 1e6 / router.Median));
        }

        report.AddTable(table);
    }

    private static async Task<Taken> RunAsync(FederationScale scale, FederationSwarm swarm, HttpClient http, CancellationToken cancellationToken)
    {
        using var own = Process.GetCurrentProcess();
        TimeSpan[] Times() => [swarm.Routers[0].CoreTime, swarm.InstanceProcesses[0].CoreTime, own.TotalProcessorTime];
        var (before, start) = (Times(), Stopwatch.GetTimestamp());
        var count = await new TinyRequests(http, cancellationToken).SendAsync(Users, scale.Duration);
        var (seconds, after) = (Stopwatch.GetElapsedTime(start).TotalSeconds, Refreshed(own, Times));
        double Micros(int index) => (after[index] - before[index]).TotalMicroseconds / count;
        return new(count / seconds, Micros(0), Micros(1), Micros(2));
    }

    private static TimeSpan[] Refreshed(Process own, Func<TimeSpan[]> times)
    {
        own.Refresh();
        return times();
    }

    /// <param name="PerSecond">Requests.</param>
    /// <param name="Router">Microseconds of a core for each, and so on.</param>
    private sealed record Taken(double PerSecond, double Router, double Instances, double Generator);
}
