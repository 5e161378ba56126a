using ManagedSwarm.Bench.Reports;
using ManagedSwarm.Server.Federation.Policies;

namespace ManagedSwarm.Bench.Federation;

/// <summary>Whether two routers make the same choice: each request goes to both.</summary>
internal sealed class RoutersSideBySide : IFederationPart
{
    private const string NodeHeader = "X-ManagedSwarm-Node";
    private static readonly double[] Loads = [0.4, 0.8];

    public string Name => "routers";

    public async Task AddToAsync(Report report, FederationScale scale, CancellationToken cancellationToken)
    {
        var table = new MarkdownTable("offered load", "the same choice", "asked");
        foreach (var load in Loads)
        {
            var found = new List<double>();
            for (var round = 0; round < scale.Rounds; round++)
            {
                found.Add(await RunAsync(scale with { Load = load / 2 }, round, cancellationToken));
                Progress.Say($"round {round + 1}, load {load}: {found[^1]:P1} the same");
            }

            table.Add($"{load:P0}", $"**{new Rounds(found)}**", "at least 0.9");
        }

        report.AddSection("Two routers side by side");
        report.AddParagraph(
            $"{scale.Requests} requests with shared beginnings, each sent through both routers at once, two processes that know of each other nothing "
            + "but what instances say of themselves; the load is that of both together. Compared is who has answered.");
        report.AddTable(table);
    }

    private static async Task<double> RunAsync(FederationScale scale, int round, CancellationToken cancellationToken)
    {
        await using var swarm = await FederationSwarm.StartAsync(FederationScale.Speeds, RoutePolicyKind.Balanced, cancellationToken, routers: 2);
        List<HttpClient> clients = [.. swarm.Routers.Select(router => FederationSwarm.Client(router.Nodes[0].Address))];
        var warmUp = LoadShape.Create(LoadShape.Bursty, scale.WarmUp, scale.PerSecond, seed: -1);
        await Task.WhenAll(clients.Select(http => new LoadRun(http, scale.Tokens).RunAsync(warmUp, cancellationToken)));
        var requests = LoadShape.Create(LoadShape.Shared, scale.Requests, scale.PerSecond, seed: round);
        var chosen = await Task.WhenAll(clients.Select(http => SendAsync(http, scale, requests, cancellationToken)));
        return chosen[0].Zip(chosen[1], (one, other) => one == other ? 1.0 : 0).Average();
    }

    /// <returns>Who has answered each.</returns>
    private static async Task<string[]> SendAsync(
        HttpClient http, FederationScale scale, IReadOnlyList<LoadRequest> requests, CancellationToken cancellationToken)
    {
        var client = new MockClient(http, scale.Tokens);
        var start = TimeProvider.System.GetTimestamp();
        return await Task.WhenAll(requests.Select(async request =>
        {
            var wait = request.At - TimeProvider.System.GetElapsedTime(start);
            await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, cancellationToken);
            using var message = client.Message(request.Prompt, isStream: true, isGreedy: true);
            using var response = await http.SendAsync(message, HttpCompletionOption.ResponseContentRead, cancellationToken);
            return response.EnsureSuccessStatusCode().Headers.GetValues(NodeHeader).Single();
        }));
    }
}
