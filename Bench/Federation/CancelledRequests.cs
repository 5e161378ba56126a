using System.Diagnostics;
using ManagedSwarm.Bench.Reports;
using ManagedSwarm.Server.Federation.Policies;

namespace ManagedSwarm.Bench.Federation;

/// <summary>How soon an instance knows that a client of the router has gone.</summary>
internal sealed class CancelledRequests : IFederationPart
{
    private const int Count = 100;
    private const int Tokens = 10_000;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    public string Name => "cancel";

    public async Task AddToAsync(Report report, FederationScale scale, CancellationToken cancellationToken)
    {
        await using var swarm = await FederationSwarm.StartAsync([FederationScale.Speed], RoutePolicyKind.Balanced, cancellationToken);
        report.AddSection("A client that goes away");
        report.AddParagraph(
            $"{Count} times in each round, from the client's cancellation of a reply that is under way until the instance's generator is "
            + "cancelled, in another process. Asked: within 100 ms.");
        var table = new MarkdownTable("request", "p50, ms", "p99, ms", "longest, ms");
        foreach (var isStream in new[] { true, false })
        {
            var rounds = new List<double[]>();
            for (var round = 0; round <= scale.Rounds; round++)
            {
                var found = await RunAsync(swarm, isStream, cancellationToken);
                rounds.AddRange(round == 0 ? [] : [found]);
            }

            Rounds Of(double percent) => new([.. rounds.Select(found => LoadResult.PercentileOf(found, percent))]);
            table.Add(isStream ? "stream" : "in one piece", Of(50).ToString(), $"**{Of(99)}**", Of(100).ToString());
        }

        report.AddTable(table);
    }

    /// <returns>Milliseconds, sorted.</returns>
    private static async Task<double[]> RunAsync(FederationSwarm swarm, bool isStream, CancellationToken cancellationToken)
    {
        using var http = FederationSwarm.Client(swarm.Router);
        var (client, instance, found) = (new MockClient(http, Tokens), swarm.InstanceProcesses[0], new List<double>());
        await instance.CancelledAsync(cancellationToken);
        for (var i = 0; i < Count; i++)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            Task reply = isStream ? client.StreamAsync("a", null, stop.Token) : client.AskAsync("a", stop.Token);
            await UntilAsync(async () => await instance.ActiveAsync(cancellationToken) == 1, cancellationToken);
            var at = Stopwatch.GetTimestamp();
            await stop.CancelAsync();
            long[] heard = [];
            await UntilAsync(async () => (heard = await instance.CancelledAsync(cancellationToken)).Length > 0, cancellationToken);
            found.Add(Stopwatch.GetElapsedTime(at, heard.Single()).TotalMilliseconds);
            await reply.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await UntilAsync(async () => await instance.ActiveAsync(cancellationToken) == 0, cancellationToken);
        }

        return [.. found.Order()];
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        while (!await isSo())
        {
            if (Stopwatch.GetElapsedTime(start) > Limit)
            {
                throw new InvalidOperationException($"the instance has not heard of it within {Limit}");
            }

            await Task.Delay(1, cancellationToken);
        }
    }
}
