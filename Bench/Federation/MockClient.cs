using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ManagedSwarm.Bench.Federation;

/// <summary>Asks for replies of so many tokens, and looks whether they are as they should be.</summary>
internal sealed class MockClient(HttpClient http, int tokens)
{
    private const string Text = "\"text\":\"";

    /// <summary>Takes a stream to its end.</summary>
    /// <param name="prompt">What is asked.</param>
    /// <param name="onToken">Told of each token.</param>
    /// <param name="cancellationToken">Leaves it.</param>
    /// <param name="isGreedy">Whether another instance may go on with it.</param>
    public async Task<MockReply> StreamAsync(string prompt, Action? onToken, CancellationToken cancellationToken, bool isGreedy = true)
    {
        var (start, first, count) = (Stopwatch.GetTimestamp(), double.NaN, 0);
        try
        {
            using var message = Message(prompt, isStream: true, isGreedy);
            using var response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                return new(ReplyEnd.Refused);
            }

            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
            while (await reader.ReadLineAsync(cancellationToken) is { } line)
            {
                if (line.StartsWith("event: error", StringComparison.Ordinal))
                {
                    return new(count == 0 ? ReplyEnd.Refused : ReplyEnd.ErrorEvent, first);
                }

                if (line.Contains("\"prompt_tokens\"", StringComparison.Ordinal))
                {
                    return End(line["data: ".Length..], count, first);
                }

                foreach (var letter in LettersOf(line))
                {
                    first = count == 0 ? Stopwatch.GetElapsedTime(start).TotalSeconds : first;
                    if (letter != MockGenerator.LetterOf(count++))
                    {
                        return new(ReplyEnd.Broken, first);
                    }

                    onToken?.Invoke();
                }
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException && !cancellationToken.IsCancellationRequested)
        {
            // Counts as what it has come to.
        }

        return new(count == 0 ? ReplyEnd.Refused : ReplyEnd.Broken, first);
    }

    /// <summary>Asks for a reply in one piece.</summary>
    public async Task<MockReply> AskAsync(string prompt, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            using var message = Message(prompt, isStream: false, isGreedy: true);
            using var response = await http.SendAsync(message, cancellationToken);
            return response.IsSuccessStatusCode
                ? End(await response.Content.ReadAsStringAsync(cancellationToken), tokens, Stopwatch.GetElapsedTime(start).TotalSeconds)
                : new(ReplyEnd.Refused);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException && !cancellationToken.IsCancellationRequested)
        {
            return new(ReplyEnd.Refused);
        }
    }

    /// <summary>A request.</summary>
    public HttpRequestMessage Message(string prompt, bool isStream, bool isGreedy)
    {
        var body = new JsonObject { ["model"] = MockModel.Name, ["prompt"] = prompt, ["max_tokens"] = tokens };
        if (isStream)
        {
            (body["stream"], body["stream_options"]) = (true, new JsonObject { ["include_usage"] = true });
        }

        if (isGreedy)
        {
            body["temperature"] = 0;
        }

        return new(HttpMethod.Post, "/v1/completions")
        {
            Content = new StringContent(body.ToJsonString(), new MediaTypeHeaderValue("application/json")),
        };
    }

    private MockReply End(string json, int count, double first)
    {
        using var reply = JsonDocument.Parse(json);
        var usage = reply.RootElement.GetProperty("usage");
        var cached = usage.GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32();
        var isWhole = count == tokens && usage.GetProperty("completion_tokens").GetInt32() == tokens;
        return new(isWhole ? ReplyEnd.Whole : ReplyEnd.Broken, first, usage.GetProperty("prompt_tokens").GetInt32(), cached);
    }

    private static string LettersOf(string line)
    {
        var begin = line.IndexOf(Text, StringComparison.Ordinal) + Text.Length;
        return begin < Text.Length ? "" : line[begin..line.IndexOf('"', begin)];
    }
}
