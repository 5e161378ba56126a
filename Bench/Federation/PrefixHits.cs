using ManagedSwarm.Bench.Reports;
using ManagedSwarm.Server.Federation.Policies;

namespace ManagedSwarm.Bench.Federation;

/// <summary>What of shared beginnings is cached behind a router, and what one instance alone would have.</summary>
internal sealed class PrefixHits : IFederationPart
{
    private static readonly double All = FederationScale.Speeds.Sum(speed => speed.TokensPerSecond) / FederationScale.Speed.TokensPerSecond;

    public string Name => "prefix-hits";

    public async Task AddToAsync(Report report, FederationScale scale, CancellationToken cancellationToken)
    {
        var alone = FederationScale.Speed.Times(All);
        var (names, contestants) = (new[] { "one alone, its cache", "one alone, the cache of four", "balanced" }, new Func<int, Task<LoadResult>>[]
        {
            round => AloneAsync(scale, alone, round, cancellationToken),
            round => AloneAsync(scale, alone with { CachedBlocks = alone.CachedBlocks * FederationScale.Speeds.Count }, round, cancellationToken),
            round => RoutedAsync(scale, round, cancellationToken),
        });
        var found = names.Select(_ => new List<LoadResult>()).ToList();
        for (var round = 0; round < scale.Rounds; round++)
        {
            for (var i = 0; i < names.Length; i++)
            {
                found[i].Add(await contestants[i](round));
                var last = found[i][^1];
                Progress.Say($"round {round + 1}, {names[i]}: {last.CachedShare:P1} cached, first token p99 {last.Percentile(99) * 1e3:F0} ms");
            }
        }

        report.AddSection("Prefix hits");
        report.AddParagraph(
            $"{scale.Requests} requests that begin in {LoadShape.Groups} ways, at {scale.Load:P0} of what the instances decode together: to one instance "
            + "that is as fast as all four, directly, and to the four through a router. A cache has room for "
            + $"{alone.CachedBlocks} blocks of 64 tokens, {alone.CachedBlocks * 64 / 2048.0:F1} of the {LoadShape.Groups} beginnings. "
            + "Asked: at least 0.9 of what one alone gets.");
        var (one, four) = (Shares(found[0]), Shares(found[1]));
        var table = new MarkdownTable("who", "of prompts cached", "over one alone's", "over one's with the cache of four", "first token p99, ms");
        for (var i = 0; i < names.Length; i++)
        {
            var (shares, tails) = (Shares(found[i]), new Rounds([.. found[i].Select(result => result.Percentile(99) * 1e3)]));
            table.Add(names[i], shares.ToString(), $"**{shares.Over(one)}**", $"**{shares.Over(four)}**", tails.ToString());
        }

        report.AddTable(table);
    }

    private static Rounds Shares(List<LoadResult> results) => new([.. results.Select(result => result.CachedShare)]);

    private static async Task<LoadResult> AloneAsync(FederationScale scale, MockSpeed speed, int round, CancellationToken cancellationToken)
    {
        await using var swarm = await FederationSwarm.StartAsync([speed], RoutePolicyKind.Balanced, cancellationToken, routers: 0);
        return await RunAsync(scale, swarm.Instances.First().Address, round, cancellationToken);
    }

    private static async Task<LoadResult> RoutedAsync(FederationScale scale, int round, CancellationToken cancellationToken)
    {
        await using var swarm = await FederationSwarm.StartAsync(FederationScale.Speeds, RoutePolicyKind.Balanced, cancellationToken);
        return await RunAsync(scale, swarm.Router, round, cancellationToken);
    }

    private static async Task<LoadResult> RunAsync(FederationScale scale, Uri address, int round, CancellationToken cancellationToken)
    {
        using var http = FederationSwarm.Client(address);
        var run = new LoadRun(http, scale.Tokens);
        await run.RunAsync(LoadShape.Create(LoadShape.Bursty, scale.WarmUp, scale.PerSecond, seed: -1), cancellationToken);
        return await run.RunAsync(LoadShape.Create(LoadShape.Shared, scale.Requests, scale.PerSecond, seed: round), cancellationToken);
    }
}
