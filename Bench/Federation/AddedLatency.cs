using ManagedSwarm.Bench.Reports;
using ManagedSwarm.Server.Federation.Policies;

namespace ManagedSwarm.Bench.Federation;

/// <summary>What the way through the router takes.</summary>
internal sealed class AddedLatency : IFederationPart
{
    private const int Rate = 200;
    private static readonly (double Percent, string Asked)[] Percents = [(50, "at most 1"), (99, "at most 3")];

    public string Name => "latency";

    public async Task AddToAsync(Report report, FederationScale scale, CancellationToken cancellationToken)
    {
        await using var swarm = await FederationSwarm.StartAsync([null], RoutePolicyKind.Balanced, cancellationToken);
        using var direct = FederationSwarm.Client(swarm.Instances.First().Address);
        using var routed = FederationSwarm.Client(swarm.Router);
        var found = new Dictionary<(bool IsRouted, double Percent), List<double>>();

        // The first round warms up.
        for (var round = 0; round <= scale.Rounds; round++)
        {
            foreach (var isRouted in new[] { false, true })
            {
                var seconds = await new TinyRequests(isRouted ? routed : direct, cancellationToken).SendAsync(scale.Seconds * Rate, Rate);
                foreach (var (percent, _) in round == 0 ? [] : Percents)
                {
                    found.TryAdd((isRouted, percent), []);
                    found[(isRouted, percent)].Add(LoadResult.PercentileOf(seconds, percent) * 1e3);
                }
            }
        }

        report.AddSection("The way through the router");
        report.AddParagraph($"Requests of one token to an instance that takes no time, {Rate} per second.");
        var table = new MarkdownTable("", "directly, ms", "through router and libp2p, ms", "added, ms", "asked, ms");
        foreach (var (percent, asked) in Percents)
        {
            var (without, with) = (found[(false, percent)], found[(true, percent)]);
            var added = new Rounds([.. with.Zip(without, (one, other) => one - other)]);
            table.Add($"p{percent}", new Rounds(without).ToString(), new Rounds(with).ToString(), $"**{added}**", asked);
        }

        report.AddTable(table);
    }
}
