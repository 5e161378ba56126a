using System.CommandLine;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using ManagedSwarm.Bench.Federation;
using ManagedSwarm.Bench.Reports;
using ManagedSwarm.Server.Federation;
using ManagedSwarm.Server.Federation.Policies;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Bench.Commands;

/// <summary><c>federation</c>: routing policies over mock instances of unequal speed, and what the way through the router takes.</summary>
internal sealed class FederationCommand
{
    private static readonly double[] Speeds = [1, 1, 2, 4];
    private static readonly string[] Loads = [LoadShape.Chat, LoadShape.Shared, LoadShape.Bursty];
    private static readonly RoutePolicyKind[] Policies = [RoutePolicyKind.Random, RoutePolicyKind.LeastBusy, RoutePolicyKind.Prefix, RoutePolicyKind.Balanced];

    private readonly Option<int> _requests = new("--requests") { Description = "Requests of a load", DefaultValueFactory = _ => 400 };
    private readonly Option<int> _warmUp = new("--warm-up") { Description = "Requests before them, so that speeds are known", DefaultValueFactory = _ => 60 };
    private readonly Option<int> _tokens = new("--tokens") { Description = "Tokens of a reply", DefaultValueFactory = _ => 24 };
    private readonly Option<double> _share = new("--load") { Description = "Offered load, of what all instances can do", DefaultValueFactory = _ => 0.8 };
    private readonly Option<int> _rounds = new("--rounds") { Description = "Rounds", DefaultValueFactory = _ => 3 };
    private readonly Option<int> _tiny = new("--tiny") { Description = "Tiny requests of a round, directly and through the router", DefaultValueFactory = _ => 1000 };
    private readonly Option<int> _rate = new("--rate") { Description = "Tiny requests per second", DefaultValueFactory = _ => 200 };
    private readonly Option<string?> _output = new("--output") { Description = "The Markdown file to write; by default a new one in Bench/results" };

    private readonly MockSpeed _speed = new(TokensPerSecond: 160, PromptTokensPerSecond: 2000, Places: 4, CachedBlocks: 400);

    public static Command Create(IReadOnlyList<string> arguments)
    {
        var federation = new FederationCommand();
        var command = new Command("federation", "Routing policies, and the way through the router")
        {
            federation._requests, federation._warmUp, federation._tokens, federation._share, federation._rounds, federation._tiny, federation._rate,
            federation._output,
        };
        command.SetAction((parsed, cancellationToken) => federation.RunAsync(parsed, arguments, cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var report = new Report("federation", "Federation", $"mock instances over loopback, in one process; {_speed}", arguments);
        report.AddParagraph(
            $"Four instances of 1, 1, 2 and 4 times that speed, and a router. {parsed.GetValue(_requests)} requests of {parsed.GetValue(_tokens)} tokens, offered at "
            + $"{parsed.GetValue(_share):P0} of what the instances decode together (prompts come on top), the same ones for each policy; policies by turns. "
            + "Medians of the rounds [each round in brackets]; what is last is compared with random, round by round.");
        report.AddSection("Policies");
        report.AddTable(await ComparePoliciesAsync(parsed, cancellationToken));
        report.AddSection("The way through the router");
        report.AddTable(await MeasureWayAsync(parsed, cancellationToken));
        report.Save(parsed.GetValue(_output));
        return 0;
    }

    private async Task<MarkdownTable> ComparePoliciesAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var results = new Dictionary<(string Load, RoutePolicyKind Policy), List<LoadResult>>();
        for (var round = 0; round < parsed.GetValue(_rounds); round++)
        {
            foreach (var load in Loads)
            {
                foreach (var policy in Policies)
                {
                    var result = await RunAsync(parsed, load, policy, round, cancellationToken);
                    results.TryAdd((load, policy), []);
                    results[(load, policy)].Add(result);
                    Progress.Say(
                        $"round {round + 1}, {load}, {policy}: first token p99 {Rounds.Digits(result.Percentile(99) * 1e3)} ms, "
                        + $"{Rounds.Digits(result.TokensPerSecond)} tokens/s, {result.CachedShare:P0} cached, {result.Failed} failed");
                }
            }
        }

        var table = new MarkdownTable("load", "policy", "first token p50, ms", "p99, ms", "tokens/s", "of prompts cached", "failed", "p99 over random's");
        foreach (var ((load, policy), found) in results)
        {
            var tails = new Rounds([.. found.Select(result => result.Percentile(99))]);
            table.Add(
                load,
                policy.ToString(),
                new Rounds([.. found.Select(result => result.Percentile(50) * 1e3)]).ToString(),
                tails.Times(1e3).ToString(),
                new Rounds([.. found.Select(result => result.TokensPerSecond)]).ToString(),
                new Rounds([.. found.Select(result => result.CachedShare)]).ToString(),
                $"{found.Sum(result => result.Failed)}",
                $"**{Rounds.Digits(tails.Over(new([.. results[(load, RoutePolicyKind.Random)].Select(result => result.Percentile(99))])).Median)}**");
        }

        return table;
    }

    /// <summary>New instances and a new router each time: nothing is cached, and no speed is known.</summary>
    private async Task<LoadResult> RunAsync(ParseResult parsed, string load, RoutePolicyKind policy, int round, CancellationToken cancellationToken)
    {
        var token = SwarmToken.Generate();
        var (instances, router) = await StartAsync(token, Speeds, policy, cancellationToken);
        try
        {
            using var http = Client(router.Address);
            var run = new LoadRun(http, parsed.GetValue(_tokens));
            var perSecond = parsed.GetValue(_share) * Speeds.Sum() * _speed.TokensPerSecond / parsed.GetValue(_tokens);
            await run.RunAsync(LoadShape.Create(LoadShape.Bursty, parsed.GetValue(_warmUp), perSecond, seed: -1), cancellationToken);
            return await run.RunAsync(LoadShape.Create(load, parsed.GetValue(_requests), perSecond, seed: round), cancellationToken);
        }
        finally
        {
            await router.DisposeAsync();
            foreach (var instance in instances)
            {
                await instance.DisposeAsync();
            }
        }
    }

    private async Task<(List<FederationNode> Instances, FederationNode Router)> StartAsync(
        SwarmToken token, double[] speeds, RoutePolicyKind policy, CancellationToken cancellationToken)
    {
        var instances = new List<FederationNode>();
        foreach (var factor in speeds)
        {
            var known = instances.Count == 0 ? [] : instances[0].Addresses;
            var speed = factor == 0 ? null : _speed.Times(factor);
            instances.Add(await FederationNode.StartInstanceAsync(token, $"{instances.Count}x{factor}", known, speed, cancellationToken));
        }

        // Instances that have just come would get less for a while.
        var options = new RouterOptions { Policy = policy, SlowStart = TimeSpan.FromTicks(1) };
        return (instances, await FederationNode.StartRouterAsync(token, instances[0].Addresses, speeds.Length, options, cancellationToken));
    }

    private async Task<MarkdownTable> MeasureWayAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var token = SwarmToken.Generate();
        var (instances, router) = await StartAsync(token, [0], RoutePolicyKind.Balanced, cancellationToken);
        await using var theRouter = router;
        await using var instance = instances[0];
        using var direct = Client(instance.Address);
        using var routed = Client(router.Address);
        var (found, percents) = (new Dictionary<(bool IsRouted, double Percent), List<double>>(), new double[] { 50, 99 });

        // The first round warms up.
        for (var round = 0; round <= parsed.GetValue(_rounds); round++)
        {
            foreach (var isRouted in new[] { false, true })
            {
                var seconds = await SendTinyAsync(isRouted ? routed : direct, parsed.GetValue(_tiny), parsed.GetValue(_rate), cancellationToken);
                foreach (var percent in round == 0 ? [] : percents)
                {
                    found.TryAdd((isRouted, percent), []);
                    found[(isRouted, percent)].Add(LoadResult.PercentileOf(seconds, percent) * 1e3);
                }
            }
        }

        var table = new MarkdownTable("tiny requests", "directly, ms", "through router and libp2p, ms", "added, ms", "asked, ms");
        foreach (var (percent, asked) in percents.Zip(["1", "3"]))
        {
            var (without, with) = (found[(false, percent)], found[(true, percent)]);
            var added = new Rounds([.. with.Zip(without, (one, other) => one - other)]);
            table.Add($"p{percent}", new Rounds(without).ToString(), new Rounds(with).ToString(), $"**{added}**", $"at most {asked}");
        }

        return table;
    }

    private static async Task<double[]> SendTinyAsync(HttpClient http, int count, int rate, CancellationToken cancellationToken)
    {
        var (start, sent) = (Stopwatch.GetTimestamp(), new List<Task<double>>());
        for (var i = 0; i < count; i++)
        {
            var wait = TimeSpan.FromSeconds((double)i / rate) - Stopwatch.GetElapsedTime(start);
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, cancellationToken);
            }

            sent.Add(AskAsync(http, cancellationToken));
        }

        return [.. (await Task.WhenAll(sent)).Order()];
    }

    private static async Task<double> AskAsync(HttpClient http, CancellationToken cancellationToken)
    {
        var body = new JsonObject { ["model"] = MockModel.Name, ["prompt"] = "a", ["max_tokens"] = 1 };
        using var content = new StringContent(body.ToJsonString(), new MediaTypeHeaderValue("application/json"));
        var start = Stopwatch.GetTimestamp();
        using var response = await http.PostAsync("/v1/completions", content, cancellationToken);
        response.EnsureSuccessStatusCode();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static HttpClient Client(Uri address) => new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address };
}
