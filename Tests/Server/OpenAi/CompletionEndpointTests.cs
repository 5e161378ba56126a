using System.Text.Json.Nodes;

namespace ManagedSwarm.Tests.Server.OpenAi;

/// <summary>The JSON of <c>/v1/completions</c> (openapi.yaml: CreateCompletionResponse).</summary>
public sealed class CompletionEndpointTests
{
    private const string Path = "/v1/completions";

    [Fact]
    public async Task Answers_with_all_required_members()
    {
        await using var server = await RunningServer.StartAsync();

        var answer = await server.PostOkAsync(Path, """{"model": "fake", "prompt": "Once"}""");

        Assert.Equal("text_completion", (string?)answer["object"]);
        Assert.StartsWith("cmpl-", (string?)answer["id"], StringComparison.Ordinal);
        Assert.Equal("""{"text":"H\u00EBllo","index":0,"logprobs":null,"finish_reason":"stop"}""", Assert.Single(answer["choices"]!.AsArray())!.ToJsonString());
        Assert.Equal(4 + ScriptedGenerator.TokenCount, (int)answer["usage"]!["total_tokens"]!);
        Assert.Equal(16, Assert.Single(server.Generator.Requests).MaxTokens);
    }

    [Theory]
    [InlineData("\"ab\"", "97,98")]
    [InlineData("[\"ab\", \"c\"]", "97,98 99")]
    [InlineData("[97, 98]", "97,98")]
    [InlineData("[[97, 98], [99]]", "97,98 99")]
    [InlineData("[[97], \"b\"]", "97 98")]
    public async Task Takes_every_form_of_prompt(string prompt, string expected)
    {
        await using var server = await RunningServer.StartAsync();

        var answer = await server.PostOkAsync(Path, $$"""{"model": "fake", "prompt": {{prompt}}, "n": 2}""");

        Assert.Equal(expected, string.Join(' ', server.Generator.Requests.Select(request => string.Join(',', request.Prompt))));
        var prompts = expected.Split(' ').Length;
        Assert.Equal(Enumerable.Range(0, 2 * prompts), answer["choices"]!.AsArray().Select(choice => (int)choice!["index"]!));
        Assert.All(answer["choices"]!.AsArray(), choice => Assert.Equal(ScriptedGenerator.Text, (string?)choice!["text"]));
        Assert.Equal(2 * prompts * ScriptedGenerator.TokenCount, (int)answer["usage"]!["completion_tokens"]!);
        Assert.Equal(expected.Split(' ', ',').Length, (int)answer["usage"]!["prompt_tokens"]!);
    }

    [Theory]
    [InlineData("\"Öl\"", "Öl")]
    [InlineData("[195, 150]", "Ö")]
    public async Task Echoes_the_prompt(string prompt, string expected)
    {
        await using var server = await RunningServer.StartAsync();

        var answer = await server.PostOkAsync(Path, $$"""{"prompt": {{prompt}}, "echo": true}""");
        var events = await server.PostStreamAsync(Path, $$"""{"prompt": {{prompt}}, "echo": true, "stream": true}""");

        Assert.Equal(expected + ScriptedGenerator.Text, (string?)answer["choices"]![0]!["text"]);
        Assert.Equal(expected + ScriptedGenerator.Text, string.Concat(Choices(events).Select(choice => (string?)choice["text"])));
        Assert.Equal("data: [DONE]", events[^1]);
    }

    [Fact]
    public async Task Reports_log_probabilities_with_offsets_in_characters()
    {
        await using var server = await RunningServer.StartAsync();

        var answer = await server.PostOkAsync(Path, """{"prompt": "x", "logprobs": 2}""");
        var events = await server.PostStreamAsync(Path, """{"prompt": "x", "logprobs": 2, "stream": true}""");

        var whole = answer["choices"]![0]!["logprobs"]!;
        Assert.Equal(["H", @"bytes:\xc3", @"bytes:\xab", "l", "l", "o"], whole["tokens"]!.AsArray().Select(token => (string?)token));
        Assert.Equal([0, 1, 1, 2, 3, 4], whole["text_offset"]!.AsArray().Select(offset => (int)offset!));
        Assert.All(whole["token_logprobs"]!.AsArray(), logProb => Assert.Equal(ScriptedGenerator.LogProb, (float)logProb!));
        Assert.Equal("""{"H":-0.5,"I":-1.5}""", whole["top_logprobs"]![0]!.ToJsonString());
        var streamed = Choices(events).Select(choice => choice["logprobs"]).OfType<JsonNode>().ToList();
        foreach (var member in (string[])["tokens", "text_offset", "token_logprobs", "top_logprobs"])
        {
            var parts = streamed.SelectMany(part => part[member]!.AsArray()).Select(item => item!.ToJsonString());
            Assert.Equal(whole[member]!.AsArray().Select(item => item!.ToJsonString()), parts);
        }
    }

    [Fact]
    public async Task Reports_only_the_chosen_tokens_with_zero_log_probabilities()
    {
        await using var server = await RunningServer.StartAsync();

        var answer = await server.PostOkAsync(Path, """{"prompt": "x", "logprobs": 0}""");

        var logProbs = answer["choices"]![0]!["logprobs"]!.AsObject();
        Assert.Equal(ScriptedGenerator.TokenCount, logProbs["token_logprobs"]!.AsArray().Count);
        Assert.True(logProbs.TryGetPropertyValue("top_logprobs", out var top) && top is null);
    }

    [Fact]
    public async Task Reports_the_tokens_of_all_prompts_that_came_from_the_cache()
    {
        await using var server = await RunningServer.StartAsync();
        server.Generator.Script = ScriptedGenerator.SayCached(3);
        const string Streamed = """ "n": 2, "stream": true, "stream_options": {"include_usage": true} """;

        var answer = await server.PostOkAsync(Path, """{"prompt": ["abcd", "efghi"], "n": 2}""");
        var events = await server.PostStreamAsync(Path, $$"""{"prompt": ["abcd", "efghi"], {{Streamed}}}""");

        Assert.All([answer, JsonNode.Parse(events[^2]["data: ".Length..])!], reply =>
        {
            Assert.Equal(6, (int)reply["usage"]!["prompt_tokens_details"]!["cached_tokens"]!);
            Assert.Equal(9, (int)reply["usage"]!["prompt_tokens"]!);
        });
    }

    [Fact]
    public async Task Streams_usage_where_it_is_asked_for()
    {
        await using var server = await RunningServer.StartAsync();

        var events = await server.PostStreamAsync(Path, """{"prompt": ["a", "b"], "stream": true, "stream_options": {"include_usage": true}}""");

        var last = JsonNode.Parse(events[^2]["data: ".Length..])!;
        Assert.Empty(last["choices"]!.AsArray());
        Assert.Equal(2 + (2 * ScriptedGenerator.TokenCount), (int)last["usage"]!["total_tokens"]!);
        Assert.Equal(["stop", "stop"], Choices(events).Select(choice => (string?)choice["finish_reason"]).OfType<string>());
    }

    private static IEnumerable<JsonNode> Choices(IReadOnlyList<string> events) =>
        events.SkipLast(1).SelectMany(line => JsonNode.Parse(line["data: ".Length..])!["choices"]!.AsArray()).OfType<JsonNode>();
}
