using ManagedSwarm.Bench.Reports;
using ManagedSwarm.Server.Federation.Policies;

namespace ManagedSwarm.Bench.Federation;

/// <summary>What unequal instances do together behind a router, against what each of them does for users of its own.</summary>
internal sealed class SumOfRates : IFederationPart
{
    private const int UsersOfEach = 12;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(6);

    private static readonly (string Name, Func<int, string> Prompt)[] Loads =
    [
        ("prompts of their own", LoadShape.OwnPrompt),
        (LoadShape.Shared, number => LoadShape.SharedPrompt(number * 7 % LoadShape.Groups, number)),
    ];

    public string Name => "sum";

    public async Task AddToAsync(Report report, FederationScale scale, CancellationToken cancellationToken)
    {
        var table = new MarkdownTable(
            "load", "each with users of its own, tokens/s", "through the router, tokens/s", "of the sum", "asked", "failed");
        foreach (var (name, prompt) in Loads)
        {
            var (direct, routed, failed) = (new List<double>(), new List<double>(), 0);
            for (var round = 0; round < scale.Rounds; round++)
            {
                direct.Add(await RunAsync(scale, prompt, isRouted: false, count => failed += count, cancellationToken));
                routed.Add(await RunAsync(scale, prompt, isRouted: true, count => failed += count, cancellationToken));
                Progress.Say($"round {round + 1}, {name}: {direct[^1]:F0} and through the router {routed[^1]:F0} tokens/s");
            }

            var (one, other) = (new Rounds(direct), new Rounds(routed));
            table.Add(name, one.ToString(), other.ToString(), $"**{other.Over(one)}**", "at least 0.9", $"{failed}");
        }

        report.AddSection("The sum of their rates");
        report.AddParagraph(
            $"{UsersOfEach} users of each instance directly, of all four at once, then {UsersOfEach * FederationScale.Speeds.Count} users of the router; "
            + $"who has a reply of {scale.Tokens} tokens asks again at once. Tokens that came within {scale.Seconds} s, after {WarmUp.TotalSeconds:F0} s.");
        report.AddTable(table);
    }

    private static async Task<double> RunAsync(
        FederationScale scale, Func<int, string> prompt, bool isRouted, Action<int> onFailed, CancellationToken cancellationToken)
    {
        await using var swarm = await FederationSwarm.StartAsync(
            FederationScale.Speeds, RoutePolicyKind.Balanced, cancellationToken, isRouted ? 1 : 0);
        List<HttpClient> all = [.. (isRouted ? [swarm.Router] : swarm.Instances.Select(instance => instance.Address)).Select(FederationSwarm.Client)];
        await using var load = new ClosedLoad(cancellationToken);
        foreach (var http in all)
        {
            var client = new MockClient(http, scale.Tokens);
            load.Add(
                UsersOfEach * FederationScale.Speeds.Count / all.Count, (number, onToken, stop) => client.StreamAsync(prompt(number), onToken, stop));
        }

        await Task.Delay(WarmUp, cancellationToken);
        var rate = await load.MeasureAsync(scale.Duration);
        onFailed(load.Replies.Count(ended => ended.Reply.End != ReplyEnd.Whole));
        return rate;
    }
}
