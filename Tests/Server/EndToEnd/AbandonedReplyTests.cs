using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Server.EndToEnd;

/// <summary>Clients that go away, on the real engine: <c>/metrics</c> tells what is left of them.</summary>
[Collection(MetricsReaders.Name)]
public sealed partial class AbandonedReplyTests
{
    // So many tokens that the reply would take far longer than the test waits: only a cancellation ends it in time.
    private const int Context = 60_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Leave_neither_sequences_nor_cache_behind(bool stream)
    {
        await using var served = await ServedFile.StartAsync(ServedFile.Tiny, "--context", Context.ToString(CultureInfo.InvariantCulture));
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var asked = served.Http.SendAsync(LongRequest(stream), HttpCompletionOption.ResponseHeadersRead, leave.Token);
        await UntilAsync(served, gauges => gauges is { Active: 2, KvUsage: > 0 });

        if (stream)
        {
            (await asked).Dispose();
        }
        else
        {
            await leave.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        }

        await UntilAsync(served, gauges => gauges is { Active: 0, KvUsage: 0 });
    }

    private static HttpRequestMessage LongRequest(bool stream) => new(HttpMethod.Post, "/v1/completions")
    {
        Content = JsonContent.Create(new JsonObject
        {
            ["prompt"] = "Once",
            ["n"] = 2,
            ["max_tokens"] = Context - 100,
            ["ignore_eos"] = true,
            ["stream"] = stream,
        }),
    };

    /// <summary>Asks again and again; each answer is one round trip.</summary>
    private static async Task UntilAsync(ServedFile served, Func<(double Active, double KvUsage), bool> isSo)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(Patience);
        while (true)
        {
            var text = await served.Http.GetStringAsync("/metrics", patience.Token);
            var gauges = (Gauge(text, "managedswarm_sequences_active"), Gauge(text, "managedswarm_kv_cache_usage"));
            if (isSo(gauges))
            {
                return;
            }
        }
    }

    private static double Gauge(string metrics, string name) =>
        double.Parse(Line().Matches(metrics).Single(line => line.Groups[1].Value == name).Groups[2].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(\w+)\{[^}]*\} (\S+)", RegexOptions.Multiline)]
    private static partial Regex Line();
}
