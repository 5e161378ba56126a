using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using ManagedSwarm.Bench.Serving;

namespace ManagedSwarm.Bench.Splits;

/// <summary>Asks for completions over HTTP, as any client does, and notes when each token comes.</summary>
internal sealed class CompletionClient(Uri address) : IDisposable
{
    private const int VocabularySize = 32000;

    // Well behind control tokens and bytes: each of them has text of its own.
    private const int FirstText = 1000;

    private readonly HttpClient _http = new() { BaseAddress = address, Timeout = TimeSpan.FromMinutes(10) };
    private readonly Random _random = new(1);

    /// <summary>A reply to a prompt of random tokens that nobody has seen.</summary>
    public Task<TokenTimes> AskAsync(int promptTokens, int tokens)
    {
        int[] prompt = [.. Enumerable.Range(0, promptTokens).Select(_ => _random.Next(FirstText, VocabularySize))];
        return AskAsync(prompt, tokens);
    }

    /// <summary>Tokens per second of several replies at once, all together.</summary>
    public async Task<double> RateAsync(int requests, int promptTokens, int tokens)
    {
        var replies = Enumerable.Range(0, requests).Select(_ => AskAsync(promptTokens, tokens)).ToList();
        return TokenTimes.Rate(await Task.WhenAll(replies));
    }

    public void Dispose() => _http.Dispose();

    private async Task<TokenTimes> AskAsync(int[] prompt, int tokens)
    {
        var body = new Dictionary<string, object>
        {
            ["prompt"] = prompt,
            ["max_tokens"] = tokens,
            ["temperature"] = 0,
            ["ignore_eos"] = true,
            ["stream"] = true,
            // The token that is always chosen has text of its own: others could come together.
            ["logit_bias"] = new Dictionary<string, int> { [$"{FirstText}"] = 100 },
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = JsonContent.Create(body) };
        var asked = Stopwatch.GetTimestamp();
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{address} answers {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        }

        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var came = new List<long>(tokens);
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("data: {", StringComparison.Ordinal) && HasText(line[6..]))
            {
                came.Add(Stopwatch.GetTimestamp());
            }
        }

        return came.Count == tokens
            ? new(asked, came)
            : throw new InvalidOperationException($"{address} has answered with {came.Count} tokens; asked was for {tokens}");
    }

    private static bool HasText(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.TryGetProperty("error", out var error)
            ? throw new InvalidOperationException(error.ToString())
            : document.RootElement.GetProperty("choices") is var choices && choices.GetArrayLength() > 0
                && choices[0].GetProperty("text").GetString() is { Length: > 0 };
    }
}
