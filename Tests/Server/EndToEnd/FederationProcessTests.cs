using System.ClientModel;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Transport.Token;
using OpenAI;
using OpenAI.Chat;

namespace ManagedSwarm.Tests.Server.EndToEnd;

/// <summary>A router and two instances of the model that ships, each a process.</summary>
public sealed class FederationProcessTests : IAsyncLifetime
{
    private const string Model = "tales";

    private readonly TemporaryFolder _folder = new();
    private readonly string _token = SwarmToken.Generate().Reveal();
    private readonly List<NodeProgram> _instances = [];
    private NodeProgram _router = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        for (var i = 0; i < 2; i++)
        {
            _instances.Add(NodeProgram.Start(
                _folder.File($"i{i}"),
                [
                    "run", ServedFile.Tales, "--model-name", Model, "--token", _token, "--federated", "--node-name", $"i{i}", "--machine-tag", $"i{i}",
                    "--threads", "1", "--address", "127.0.0.1:0", .. NodeProgram.Loopback,
                ]));
        }

        _router = NodeProgram.Start(
            _folder.File("router"),
            ["federated", "--token", _token, "--address", "127.0.0.1:0", "--policy", "least-busy", .. NodeProgram.Loopback]);
        foreach (var instance in _instances)
        {
            await instance.ServesAsync();
        }

        await SeesBothAsync(_router);
        await _router.ShowsAsync(
            "/api/swarm",
            (JsonNode swarm) => swarm["members"]!.AsArray().SelectMany(member => member!["models"]!.AsArray()).Count(model => ((string)model!["hash"]!).Length > 0) == 2);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var program in _instances.Prepend(_router))
        {
            await program.DisposeAsync();
        }

        _folder.Dispose();
    }

    [Fact]
    public async Task The_official_client_gets_the_same_through_the_router_as_directly()
    {
        var answers = new List<string>();
        foreach (var program in new[] { _instances[0], _router })
        {
            var client = new OpenAIClient(new ApiKeyCredential("none"), new() { Endpoint = new Uri(program.Http.BaseAddress!, "v1") }).GetChatClient(Model);
            var options = new ChatCompletionOptions { Temperature = 0, MaxOutputTokenCount = 40 };
            ChatMessage[] messages = [new UserChatMessage("Tell me a story about a fox and a lantern.")];
            ChatCompletion whole = await client.CompleteChatAsync(messages, options, Cancellation);
            var streamed = new List<string>();
            await foreach (var update in client.CompleteChatStreamingAsync(messages, options, Cancellation))
            {
                streamed.AddRange(update.ContentUpdate.Select(part => part.Text));
            }

            Assert.Equal(whole.Content[0].Text, string.Concat(streamed));
            answers.Add($"{whole.Content[0].Text}|{whole.FinishReason}|{whole.Usage.TotalTokenCount}");
        }

        Assert.NotEmpty(answers[0]);
        Assert.Equal(answers[0], answers[1]);
    }

    [Fact]
    public async Task Requests_go_on_when_one_of_two_instances_is_killed()
    {
        var request = new JsonObject { ["model"] = Model, ["prompt"] = "Once upon a time", ["max_tokens"] = 16, ["temperature"] = 0 };
        var expected = (string)(await _router.AskAsync("/v1/completions", request.DeepClone()))["choices"]![0]!["text"]!;
        var running = Enumerable.Range(0, 8).Select(_ => _router.AskAsync("/v1/completions", request.DeepClone())).ToList();
        _instances[0].Kill();
        for (var i = 0; i < 8; i++)
        {
            running.Add(_router.AskAsync("/v1/completions", request.DeepClone()));
        }

        Assert.All(await Task.WhenAll(running), answer => Assert.Equal(expected, (string)answer["choices"]![0]!["text"]!));
    }

    [Fact]
    public async Task A_stream_goes_on_to_the_same_text_when_its_instance_is_killed()
    {
        var request = new JsonObject
        {
            ["model"] = Model,
            ["prompt"] = "Once upon a time",
            ["max_tokens"] = 400,
            ["temperature"] = 0.8,
            ["seed"] = 11,
            ["ignore_eos"] = true,
            ["stream"] = true,
            ["stream_options"] = new JsonObject { ["include_usage"] = true },
        };
        var whole = await StreamAsync(request, killAfter: int.MaxValue);
        var broken = await StreamAsync(request, killAfter: 20);

        Assert.Equal(whole, broken);
        Assert.Contains("\"total_tokens\":", broken, StringComparison.Ordinal);
        await _router.ShowsAsync("/metrics", (string metrics) => Regex.IsMatch(metrics, """managedswarm_federation_resumed[a-z_]*total\{[^}]*\} 1\b"""));
    }

    [Fact]
    public async Task Two_routers_send_prompts_that_begin_alike_to_the_same_one()
    {
        const int Beginnings = 24;
        await using var one = StartBalanced("one");
        await using var two = StartBalanced("two");
        await SeesBothAsync(one);
        await SeesBothAsync(two);

        var chosen = new List<(string One, string Two)>();
        for (var i = 0; i < 2 * Beginnings; i++)
        {
            var prompt = $"Tale {i % Beginnings}. {string.Concat(Enumerable.Repeat("Once upon a time there was a fox. ", 10))} Then {i}";
            chosen.Add((await ChosenAsync(one, prompt), await ChosenAsync(two, prompt)));
        }

        Assert.True(chosen.Count(pair => pair.One == pair.Two) >= 0.9 * chosen.Count, string.Join(' ', chosen));
        Assert.Equal(2, chosen.Select(pair => pair.One).Distinct().Count());
    }

    private NodeProgram StartBalanced(string name) => NodeProgram.Start(
        _folder.File(name), ["federated", "--token", _token, "--address", "127.0.0.1:0", .. NodeProgram.Loopback]);

    /// <summary>Waits until a router serves, and knows that both instances have the model.</summary>
    private static async Task SeesBothAsync(NodeProgram router)
    {
        await router.ServesAsync();
        await router.ShowsAsync(
            "/v1/models", (JsonNode models) => models["data"]!.AsArray() is [{ } model] && model["managedswarm"]!["nodes"]!.AsArray().Count == 2);
    }

    /// <summary>The tag of who answers.</summary>
    private static async Task<string> ChosenAsync(NodeProgram router, string prompt)
    {
        var request = new JsonObject { ["model"] = Model, ["prompt"] = prompt, ["max_tokens"] = 1 };
        using var content = new StringContent(request.ToJsonString(), null, "application/json");
        using var response = await router.Http.PostAsync("/v1/completions", content, Cancellation);
        return Assert.Single(response.EnsureSuccessStatusCode().Headers.GetValues("Machine-Tag"));
    }

    /// <summary>A stream's texts, and its token counts; the instance that answers is killed behind some events.</summary>
    private async Task<string> StreamAsync(JsonObject request, int killAfter)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = new StringContent(request.ToJsonString(), null, "application/json") };
        using var response = await _router.Http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        var tag = Assert.Single(response.Headers.GetValues("Machine-Tag"));
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancellation));
        var (text, count) = ("", 0);
        while (await reader.ReadLineAsync(Cancellation) is { } line)
        {
            Assert.DoesNotContain("event: error", line, StringComparison.Ordinal);
            if (!line.StartsWith("data: {", StringComparison.Ordinal))
            {
                continue;
            }

            if (++count == killAfter)
            {
                _instances[int.Parse(tag[1..], null)].Kill();
            }

            var chunk = JsonNode.Parse(line["data: ".Length..])!;
            text += chunk["choices"]!.AsArray() is [{ } choice] ? (string?)choice["text"] : chunk["usage"]?["total_tokens"] is { } total ? $"\"total_tokens\":{total}" : "";
        }

        return text;
    }
}
