using System.Net;
using System.Text.Json.Nodes;

namespace ManagedSwarm.Tests.Server.OpenAi;

/// <summary>The JSON of <c>/v1/chat/completions</c>, member by member (openapi.yaml: CreateChatCompletionResponse, …StreamResponse).</summary>
public sealed class ChatEndpointTests
{
    private const string Path = "/v1/chat/completions";
    private const string Messages = """ "messages": [{"role": "user", "content": "Hi"}] """;

    [Fact]
    public async Task Answers_with_all_required_members()
    {
        await using var server = await RunningServer.StartAsync();

        var answer = await server.PostOkAsync(Path, $$"""{"model": "fake", {{Messages}}}""");

        Assert.Equal("chat.completion", (string?)answer["object"]);
        Assert.Equal("fp_fake", (string?)answer["system_fingerprint"]);
        Assert.True((long)answer["created"]! > 0);
        var choice = Assert.Single(answer["choices"]!.AsArray())!;
        Assert.Equal("""{"index":0,"message":{"role":"assistant","content":"Hëllo","refusal":null},"logprobs":null,"finish_reason":"stop"}""", Json(choice));
        Assert.Equal(
            """{"prompt_tokens":2,"completion_tokens":6,"total_tokens":8,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"""
            + """ "completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}""".TrimStart(),
            Json(answer["usage"]!));
    }

    [Fact]
    public async Task Gives_each_choice_its_own_text_and_counts_all_tokens()
    {
        await using var server = await RunningServer.StartAsync();

        var answer = await server.PostOkAsync(Path, $$"""{"model": "fake", {{Messages}}, "n": 3}""");

        var choices = answer["choices"]!.AsArray();
        Assert.Equal([0, 1, 2], choices.Select(choice => (int)choice!["index"]!));
        Assert.All(choices, choice => Assert.Equal(ScriptedGenerator.Text, (string?)choice!["message"]!["content"]));
        Assert.Equal(3 * ScriptedGenerator.TokenCount, (int)answer["usage"]!["completion_tokens"]!);
        Assert.Equal(2, (int)answer["usage"]!["prompt_tokens"]!);
        Assert.Equal(3, Assert.Single(server.Generator.Requests).Choices);
    }

    [Fact]
    public async Task Reports_the_tokens_that_came_from_the_cache()
    {
        await using var server = await RunningServer.StartAsync();
        server.Generator.Script = ScriptedGenerator.SayCached(1);
        const string Streamed = """ "n": 2, "stream": true, "stream_options": {"include_usage": true} """;

        var answer = await server.PostOkAsync(Path, $$"""{"model": "fake", {{Messages}}, "n": 2}""");
        var events = await server.PostStreamAsync(Path, $$"""{"model": "fake", {{Messages}}, {{Streamed}}}""");

        Assert.All([answer, Chunks(events)[^1]], reply =>
        {
            Assert.Equal(1, (int)reply["usage"]!["prompt_tokens_details"]!["cached_tokens"]!);
            Assert.Equal(2, (int)reply["usage"]!["prompt_tokens"]!);
        });
    }

    [Fact]
    public async Task Streams_role_text_reason_and_done()
    {
        await using var server = await RunningServer.StartAsync();

        var events = await server.PostStreamAsync(Path, $$"""{"model": "fake", {{Messages}}, "stream": true, "max_tokens": 4}""");

        Assert.Equal("data: [DONE]", events[^1]);
        var chunks = Chunks(events);
        Assert.Equal(
            [
                """{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}""",
                """{"index":0,"delta":{"content":"H"},"logprobs":null,"finish_reason":null}""",
                """{"index":0,"delta":{"content":"ë"},"logprobs":null,"finish_reason":null}""",
                """{"index":0,"delta":{"content":"l"},"logprobs":null,"finish_reason":null}""",
                """{"index":0,"delta":{},"logprobs":null,"finish_reason":"length"}""",
            ],
            chunks.Select(chunk => Json(chunk["choices"]![0]!)));
        Assert.All(chunks, chunk => Assert.Equal("chat.completion.chunk", (string?)chunk["object"]));
        Assert.Single(chunks.Select(chunk => (string?)chunk["id"]).Distinct());
        Assert.Single(chunks.Select(chunk => (long?)chunk["created"]).Distinct());
        Assert.All(chunks, chunk => Assert.False(chunk.AsObject().ContainsKey("usage")));
    }

    [Fact]
    public async Task Streams_usage_last_and_null_before_where_it_is_asked_for()
    {
        await using var server = await RunningServer.StartAsync();

        var events = await server.PostStreamAsync(
            Path, $$"""{"model": "fake", {{Messages}}, "stream": true, "n": 2, "stream_options": {"include_usage": true} }""");

        var chunks = Chunks(events);
        Assert.All(chunks[..^1], chunk => Assert.True(chunk.AsObject().TryGetPropertyValue("usage", out var usage) && usage is null));
        Assert.Empty(chunks[^1]["choices"]!.AsArray());
        Assert.Equal(2 + (2 * ScriptedGenerator.TokenCount), (int)chunks[^1]["usage"]!["total_tokens"]!);
        foreach (var index in (int[])[0, 1])
        {
            var own = chunks[..^1].Select(chunk => chunk["choices"]![0]!).Where(choice => (int)choice["index"]! == index).ToList();
            Assert.Equal("assistant", (string?)own[0]["delta"]!["role"]);
            Assert.Equal(ScriptedGenerator.Text, string.Concat(own.Select(choice => (string?)choice["delta"]!["content"])));
            Assert.Equal("stop", (string?)own[^1]["finish_reason"]);
        }
    }

    [Fact]
    public async Task Streams_log_probabilities_of_every_token()
    {
        await using var server = await RunningServer.StartAsync();

        var events = await server.PostStreamAsync(Path, $$"""{"model": "fake", {{Messages}}, "stream": true, "logprobs": true, "top_logprobs": 1}""");

        var tokens = Chunks(events).Select(chunk => chunk["choices"]![0]!["logprobs"]).OfType<JsonNode>().SelectMany(logProbs => logProbs["content"]!.AsArray()).ToList();
        Assert.Equal(ScriptedGenerator.TokenCount, tokens.Count);
        Assert.Equal("""{"token":"bytes:\\xc3","logprob":-0.5,"bytes":[195],"top_logprobs":[{"token":"bytes:\\xc3","logprob":-0.5,"bytes":[195]}]}""", Json(tokens[1]!));
    }

    [Fact]
    public async Task Takes_text_parts_developer_messages_and_names()
    {
        await using var server = await RunningServer.StartAsync();

        await server.PostOkAsync(Path, """
            {"messages": [
              {"role": "developer", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
              {"role": "assistant", "content": "c", "refusal": null, "tool_calls": []},
              {"role": "user", "content": "d", "name": "Ann"}]}
            """);

        var messages = Assert.Single(server.Model.Conversations);
        Assert.Equal([("system", "a\nb", null), ("assistant", "c", null), ("user", "d", "Ann")], messages.Select(m => (m.Role, m.Content, m.Name)));
    }

    [Fact]
    public async Task Passes_the_parameters_of_llama_cpp()
    {
        await using var server = await RunningServer.StartAsync();

        await server.PostOkAsync(Path, $$"""
            {"model": "fake", {{Messages}}, "top_k": 40, "min_p": 0.05, "typical_p": 0.9, "repeat_penalty": 1.1, "repeat_last_n": 32,
             "ignore_eos": true, "stop": "x", "max_completion_tokens": 5}
            """);

        var request = Assert.Single(server.Generator.Requests);
        Assert.Equal(40, request.Sampling.TopK);
        Assert.Equal(0.05f, request.Sampling.MinP);
        Assert.Equal(0.9f, request.Sampling.TypicalP);
        Assert.Equal(1.1f, request.Sampling.RepeatPenalty);
        Assert.Equal(32, request.Sampling.RepeatWindow);
        Assert.True(request.IgnoreEos);
        Assert.Equal(["x"], request.Stop);
        Assert.Equal(5, request.MaxTokens);
        Assert.Null(request.TopLogProbs);
    }

    [Fact]
    public async Task Draws_a_new_seed_for_each_request_without_one()
    {
        await using var server = await RunningServer.StartAsync();

        await server.PostOkAsync(Path, $$"""{"model": "fake", {{Messages}}}""");
        await server.PostOkAsync(Path, $$"""{"model": "fake", {{Messages}}}""");

        Assert.Equal(2, server.Generator.Requests.Select(request => request.Sampling.Seed).Distinct().Count());
    }

    [Fact]
    public async Task Accepts_parameters_that_ask_for_nothing()
    {
        await using var server = await RunningServer.StartAsync();

        await server.PostOkAsync(Path, $$"""
            {"model": "fake", {{Messages}}, "user": "u", "metadata": {"a": "b"}, "store": false, "service_tier": "auto", "tools": [], "tool_choice": "auto",
             "parallel_tool_calls": true, "response_format": {"type": "text"}, "modalities": ["text"], "audio": null, "temperature": null, "stop": null,
             "prompt_cache_key": "k", "safety_identifier": "s", "logit_bias": {}, "stream_options": null, "tfz": 1.0}
            """);
    }

    [Fact]
    public async Task Answers_on_the_paths_without_a_version()
    {
        await using var server = await RunningServer.StartAsync();

        await server.PostOkAsync("/chat/completions", $$"""{ {{Messages}} }""");
        await server.PostOkAsync("/completions", """{"prompt": "Hi"}""");
        using var models = await server.Http.GetAsync("/models", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, models.StatusCode);
    }

    private static List<JsonNode> Chunks(IReadOnlyList<string> events) =>
        [.. events.SkipLast(1).Select(line => JsonNode.Parse(line["data: ".Length..])!)];

    private static string Json(JsonNode node) => node.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
