using System.Diagnostics;
using ManagedSwarm.Bench.Reports;
using ManagedSwarm.Server.Federation.Policies;

namespace ManagedSwarm.Bench.Federation;

/// <summary>Streams that are open at once, and what each takes of the router's memory.</summary>
internal sealed class OpenStreams : IFederationPart
{
    private const int Count = 2000;
    private const int Before = 50;
    private const int Instances = 2;
    private const int MaxTokens = 100_000;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public string Name => "streams";

    public async Task AddToAsync(Report report, FederationScale scale, CancellationToken cancellationToken)
    {
        var (heap, resident, alive) = (new List<double>(), new List<double>(), new List<int>());
        for (var round = 0; round < scale.Rounds; round++)
        {
            var found = await RunAsync(cancellationToken);
            heap.Add(found.Heap / 1024);
            resident.Add(found.Resident / 1024);
            alive.Add(found.Alive);
            Progress.Say($"round {round + 1}: {found.Alive} alive, {heap[^1]:F1} KiB of heap and {resident[^1]:F1} KiB resident for each");
        }

        report.AddSection("Open streams");
        report.AddParagraph(
            $"{Count} streams through one router, of {Instances} instances, each with a token every {Period.TotalSeconds:F0} s; the growth of the "
            + $"router's process since it had held {Before}, after a collection each time, for each stream. Alive is who had a token in the last two periods.");
        report.AddTable(new MarkdownTable("", "found", "asked")
            .Add("alive at once", string.Join(", ", alive), $"{Count}")
            .Add("managed heap, KiB", $"**{new Rounds(heap)}**", "")
            .Add("resident memory of no file, KiB", $"**{new Rounds(resident)}**", "at most 64"));
    }

    private static async Task<(double Heap, double Resident, int Alive)> RunAsync(CancellationToken cancellationToken)
    {
        var speed = new MockSpeed(Count / Period.TotalSeconds, PromptTokensPerSecond: 1e6, Places: Count, CachedBlocks: 1);
        await using var swarm = await FederationSwarm.StartAsync(
            [.. Enumerable.Repeat(speed, Instances)], RoutePolicyKind.Balanced, cancellationToken);
        var router = swarm.Routers[0];
        await using (var few = new HeldStreams(swarm.Router, MaxTokens, cancellationToken))
        {
            await few.OpenAsync(Before, Limit);
        }

        var before = await router.MemoryAsync(cancellationToken);
        await using var held = new HeldStreams(swarm.Router, MaxTokens, cancellationToken);
        await held.OpenAsync(Count, Limit);
        await Task.Delay(Period * 2, cancellationToken);
        var after = await router.MemoryAsync(cancellationToken);
        var since = Stopwatch.GetTimestamp() - (long)(Period.TotalSeconds * 2 * Stopwatch.Frequency);
        return ((after.Heap - before.Heap) / (double)Count, (after.Anonymous - before.Anonymous) / (double)Count, held.CountSince(since));
    }
}
