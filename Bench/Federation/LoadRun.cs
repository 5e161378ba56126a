using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ManagedSwarm.Bench.Federation;

/// <summary>What became of a load.</summary>
/// <param name="FirstToken">Seconds until each reply's first token, sorted.</param>
/// <param name="TokensPerSecond">Of all replies together, from the first request to the last reply's end.</param>
/// <param name="CachedShare">Of the prompts' tokens, those that were cached.</param>
/// <param name="Failed">Requests without a whole reply.</param>
internal sealed record LoadResult(double[] FirstToken, double TokensPerSecond, double CachedShare, int Failed)
{
    /// <summary>So many of a hundred were as fast, or faster.</summary>
    public double Percentile(double percent) => PercentileOf(FirstToken, percent);

    public static double PercentileOf(double[] sorted, double percent) =>
        sorted.Length == 0 ? double.NaN : sorted[Math.Min(sorted.Length - 1, (int)Math.Ceiling(sorted.Length * percent / 100) - 1)];
}

/// <summary>Sends a load at its times, whether or not the replies before are there.</summary>
internal sealed class LoadRun(HttpClient http, int tokens)
{
    public async Task<LoadResult> RunAsync(IReadOnlyList<LoadRequest> requests, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var sent = new List<Task<(double First, int Prompt, int Cached)?>>();
        foreach (var request in requests)
        {
            var wait = request.At - Stopwatch.GetElapsedTime(start);
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, cancellationToken);
            }

            sent.Add(SendAsync(request.Prompt, cancellationToken));
        }

        var replies = (await Task.WhenAll(sent)).OfType<(double First, int Prompt, int Cached)>().ToList();
        var elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new(
            [.. replies.Select(reply => reply.First).Order()],
            replies.Count * tokens / elapsed,
            (double)replies.Sum(reply => reply.Cached) / Math.Max(1, replies.Sum(reply => reply.Prompt)),
            requests.Count - replies.Count);
    }

    private async Task<(double First, int Prompt, int Cached)?> SendAsync(string prompt, CancellationToken cancellationToken)
    {
        var body = new JsonObject
        {
            ["model"] = MockModel.Name,
            ["prompt"] = prompt,
            ["max_tokens"] = tokens,
            ["stream"] = true,
            ["stream_options"] = new JsonObject { ["include_usage"] = true },
        };
        using var content = new StringContent(body.ToJsonString(), new MediaTypeHeaderValue("application/json"));
        using var message = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = content };
        var start = Stopwatch.GetTimestamp();
        using var response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            return null;
        }

        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        double? first = null;
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            first ??= Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (line.Contains("\"prompt_tokens\"", StringComparison.Ordinal))
            {
                using var chunk = JsonDocument.Parse(line["data: ".Length..]);
                var usage = chunk.RootElement.GetProperty("usage");
                return (first.Value, usage.GetProperty("prompt_tokens").GetInt32(),
                    usage.GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32());
            }
        }

        return null;
    }
}
