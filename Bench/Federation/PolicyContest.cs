using ManagedSwarm.Bench.Reports;
using ManagedSwarm.Server.Federation.Policies;

namespace ManagedSwarm.Bench.Federation;

/// <summary>The policies under three loads, by turns.</summary>
internal sealed class PolicyContest : IFederationPart
{
    private static readonly string[] Loads = [LoadShape.Chat, LoadShape.Shared, LoadShape.Bursty];
    private static readonly RoutePolicyKind[] Policies =
        [RoutePolicyKind.Random, RoutePolicyKind.LeastBusy, RoutePolicyKind.Prefix, RoutePolicyKind.Balanced];

    private readonly Dictionary<(string Load, RoutePolicyKind Policy), List<LoadResult>> _results = [];

    public string Name => "policies";

    public async Task AddToAsync(Report report, FederationScale scale, CancellationToken cancellationToken)
    {
        for (var round = 0; round < scale.Rounds; round++)
        {
            foreach (var load in Loads)
            {
                foreach (var policy in Policies)
                {
                    var result = await RunAsync(scale, load, policy, round, cancellationToken);
                    _results.TryAdd((load, policy), []);
                    _results[(load, policy)].Add(result);
                    Progress.Say(
                        $"round {round + 1}, {load}, {policy}: first token p99 {Rounds.Digits(result.Percentile(99) * 1e3)} ms, "
                        + $"{Rounds.Digits(result.TokensPerSecond)} tokens/s, {result.CachedShare:P0} cached, {result.Failed} failed");
                }
            }
        }

        report.AddSection("Policies");
        report.AddParagraph(
            $"{scale.Requests} requests of {scale.Tokens} tokens, offered at {scale.Load:P0} of what the instances decode together (prompts come on "
            + "top), the same ones for each policy, of new processes each time. Asked: the default's (Balanced) p99 of the first token at most half of random's.");
        report.AddTable(Table());
    }

    private MarkdownTable Table()
    {
        var table = new MarkdownTable(
            "load", "policy", "first token p50, ms", "p99, ms", "tokens/s", "of prompts cached", "failed", "p99 over random's");
        foreach (var ((load, policy), found) in _results)
        {
            var (tails, random) = (TailsOf(found), TailsOf(_results[(load, RoutePolicyKind.Random)]));
            table.Add(
                load,
                policy.ToString(),
                new Rounds([.. found.Select(result => result.Percentile(50) * 1e3)]).ToString(),
                tails.Times(1e3).ToString(),
                new Rounds([.. found.Select(result => result.TokensPerSecond)]).ToString(),
                new Rounds([.. found.Select(result => result.CachedShare)]).ToString(),
                $"{found.Sum(result => result.Failed)}",
                $"**{Rounds.Digits(tails.Over(random).Median)}**");
        }

        return table;
    }

    private static Rounds TailsOf(List<LoadResult> results) => new([.. results.Select(result => result.Percentile(99))]);

    /// <summary>New instances and a new router: nothing is cached, and no speed is known.</summary>
    private static async Task<LoadResult> RunAsync(
        FederationScale scale, string load, RoutePolicyKind policy, int round, CancellationToken cancellationToken)
    {
        await using var swarm = await FederationSwarm.StartAsync(FederationScale.Speeds, policy, cancellationToken);
        using var http = FederationSwarm.Client(swarm.Router);
        var run = new LoadRun(http, scale.Tokens);
        await run.RunAsync(LoadShape.Create(LoadShape.Bursty, scale.WarmUp, scale.PerSecond, seed: -1), cancellationToken);
        return await run.RunAsync(LoadShape.Create(load, scale.Requests, scale.PerSecond, seed: round), cancellationToken);
    }
}
