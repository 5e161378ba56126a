using System.Diagnostics;

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
    private readonly MockClient _client = new(http, tokens);

    public async Task<LoadResult> RunAsync(IReadOnlyList<LoadRequest> requests, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var sent = new List<Task<MockReply>>();
        foreach (var request in requests)
        {
            var wait = request.At - Stopwatch.GetElapsedTime(start);
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, cancellationToken);
            }

            sent.Add(_client.StreamAsync(request.Prompt, null, cancellationToken));
        }

        var replies = (await Task.WhenAll(sent)).Where(reply => reply.End == ReplyEnd.Whole).ToList();
        var elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new(
            [.. replies.Select(reply => reply.First).Order()],
            replies.Count * tokens / elapsed,
            (double)replies.Sum(reply => reply.Cached) / Math.Max(1, replies.Sum(reply => reply.Prompt)),
            requests.Count - replies.Count);
    }
}
