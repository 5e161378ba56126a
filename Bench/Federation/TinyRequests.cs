using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;

namespace ManagedSwarm.Bench.Federation;

/// <summary>Requests of one token, whose bytes are made once.</summary>
internal sealed class TinyRequests(HttpClient http, CancellationToken cancellationToken)
{
    private static readonly byte[] Body = Encoding.UTF8.GetBytes($$"""{"model":"{{MockModel.Name}}","prompt":"a","max_tokens":1}""");

    /// <summary>Sends some at a rate.</summary>
    /// <returns>Seconds that each took, sorted.</returns>
    public async Task<double[]> SendAsync(int count, int rate)
    {
        var (start, sent) = (Stopwatch.GetTimestamp(), new List<Task<double>>());
        for (var i = 0; i < count; i++)
        {
            var wait = TimeSpan.FromSeconds((double)i / rate) - Stopwatch.GetElapsedTime(start);
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, cancellationToken);
            }

            sent.Add(AskAsync());
        }

        return [.. (await Task.WhenAll(sent)).Order()];
    }

    /// <summary>As many as there can be of so many users.</summary>
    /// <returns>How many were answered.</returns>
    public async Task<int> SendAsync(int users, TimeSpan duration)
    {
        var start = Stopwatch.GetTimestamp();
        return (await Task.WhenAll(Enumerable.Range(0, users).Select(_ => Task.Run(CountAsync, cancellationToken)))).Sum();

        async Task<int> CountAsync()
        {
            var count = 0;
            for (; Stopwatch.GetElapsedTime(start) < duration; count++)
            {
                await AskAsync();
            }

            return count;
        }
    }

    private async Task<double> AskAsync()
    {
        using var content = new ByteArrayContent(Body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        var start = Stopwatch.GetTimestamp();
        using var response = await http.PostAsync("/v1/completions", content, cancellationToken);
        response.EnsureSuccessStatusCode();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
