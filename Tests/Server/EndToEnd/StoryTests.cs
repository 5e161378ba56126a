using System.Text;
using System.Text.Json.Nodes;
using ManagedSwarm.Tests.Engine.Golden;
using ManagedSwarm.Tests.Fixtures;
using OpenAI.Chat;

namespace ManagedSwarm.Tests.Server.EndToEnd;

/// <summary>A trained model tells over HTTP what llama.cpp tells.</summary>
public sealed class StoryTests
{
    private const string Model = "stories260K";

    [Fact]
    public async Task Streams_the_golden_stories()
    {
        var cases = GoldenCase.Load(Model);
        await using var served = await StartAsync();

        foreach (var golden in cases)
        {
            using var response = await served.Http.PostAsync(
                "/v1/completions",
                new StringContent(Request(golden).ToJsonString(), Encoding.UTF8, "application/json"),
                TestContext.Current.CancellationToken);
            var events = (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).TrimEnd('\n').Split("\n\n");

            Assert.Equal("data: [DONE]", events[^1]);
            var chunks = events.SkipLast(1).Select(line => JsonNode.Parse(line["data: ".Length..])!).ToList();
            Assert.Equal(golden.Content, string.Concat(chunks.Select(chunk => (string?)chunk["choices"]![0]!["text"])));
            Assert.Equal("length", (string?)chunks[^1]["choices"]![0]!["finish_reason"]);
        }
    }

    /// <summary>OpenAI's client has chats only: with a template that is the message alone, one is the golden prompt.</summary>
    [Fact]
    public async Task Streams_the_golden_story_to_the_official_client()
    {
        var golden = GoldenCase.Load(Model)[0];
        using var folder = new TemporaryFolder();
        var template = folder.File("bare.jinja");
        await File.WriteAllTextAsync(template, "{{ messages[0].content }}", TestContext.Current.CancellationToken);
        await using var served = await StartAsync("--chat-template-file", template);

        Assert.Equal(golden.Content, await StreamAsync(served, golden.Prompt, golden.Tokens.Length));
    }

    [Fact]
    public async Task Tells_the_official_client_what_the_same_tokens_tell_curl()
    {
        await using var served = await StartAsync();
        // The file has no chat template: the default one writes this.
        var expected = Assert.Single(await served.CompleteAsync(new JsonObject
        {
            ["prompt"] = "User: Once upon a time\nAssistant:",
            ["temperature"] = 0,
            ["max_tokens"] = 100,
        }));
        Assert.True(expected.Length > 100, expected);
        Assert.Equal(expected, await StreamAsync(served, "Once upon a time", 100));
    }

    [Fact]
    public async Task Ends_before_a_stop_text_that_lies_across_tokens()
    {
        var golden = GoldenCase.Load(Model)[0];
        await using var served = await StartAsync();
        var stop = golden.Content.Substring(50, 7);

        var answer = await served.AskAsync("/v1/completions", new JsonObject
        {
            ["prompt"] = golden.Prompt,
            ["temperature"] = 0,
            ["max_tokens"] = golden.Tokens.Length,
            ["stop"] = stop,
        });

        var choice = answer["choices"]![0]!;
        Assert.Equal(golden.Content[..golden.Content.IndexOf(stop, StringComparison.Ordinal)], (string?)choice["text"]);
        Assert.Equal("stop", (string?)choice["finish_reason"]);
    }

    [Fact]
    public async Task Reports_the_log_probabilities_of_the_golden_tokens()
    {
        const double Tolerance = 2e-3;
        var golden = GoldenCase.Load(Model)[0];
        await using var served = await StartAsync();

        var answer = await served.AskAsync("/v1/completions", new JsonObject
        {
            ["prompt"] = golden.Prompt,
            ["temperature"] = 0,
            ["max_tokens"] = 10,
            ["logprobs"] = 5,
        });

        var logProbs = answer["choices"]![0]!["logprobs"]!;
        var reported = logProbs["token_logprobs"]!.AsArray().Select(logProb => (double)logProb!).ToList();
        Assert.Equal(10, reported.Count);
        foreach (var position in golden.Positions.Where(position => position.Index < 10))
        {
            Assert.Equal(position.Top[0].LogProb, reported[position.Index], Tolerance);
            Assert.Equal(5, logProbs["top_logprobs"]![position.Index]!.AsObject().Count);
        }

        Assert.Equal((string?)answer["choices"]![0]!["text"], string.Concat(logProbs["tokens"]!.AsArray().Select(token => (string?)token)));
    }

    private static async Task<string> StreamAsync(ServedFile served, string message, int maxTokens)
    {
        var text = new StringBuilder();
        await foreach (var update in served.Chat.CompleteChatStreamingAsync(
            [new UserChatMessage(message)],
            new ChatCompletionOptions { Temperature = 0, MaxOutputTokenCount = maxTokens },
            TestContext.Current.CancellationToken))
        {
            text.Append(string.Concat(update.ContentUpdate.Select(part => part.Text)));
        }

        return text.ToString();
    }

    private static Task<ServedFile> StartAsync(params string[] options) =>
        ServedFile.StartAsync(SharedData.Require($"models/{Model}.gguf"), ["--kv", "f32", "--context", "512", .. options]);

    private static JsonObject Request(GoldenCase golden) => new()
    {
        ["prompt"] = new JsonArray([.. golden.PromptTokens.Select(token => (JsonNode)token)]),
        ["temperature"] = 0,
        ["max_tokens"] = golden.Tokens.Length,
        ["stream"] = true,
    };
}
