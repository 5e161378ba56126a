using System.Net;
using System.Text.Json.Nodes;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Server.OpenAi;
using Microsoft.Extensions.Time.Testing;

namespace ManagedSwarm.Tests.Server.OpenAi;

/// <summary>Where the time of a reply went, for clients that ask for it.</summary>
public sealed class ReplyTraceTests
{
    private readonly FakeTimeProvider _time = new();
    private int _steps = 100;

    [Theory]
    [InlineData("/v1/completions", """{"prompt": "a"}""")]
    [InlineData("/v1/chat/completions", """{"messages": [{"role": "user", "content": "a"}]}""")]
    public async Task Counts_what_has_come_while_it_was_made(string path, string json)
    {
        await using var server = await StartAsync();
        server.Http.DefaultRequestHeaders.Add("X-ManagedSwarm-Trace", "1");

        var trace = (await server.PostOkAsync(path, json))["managedswarm"]!["trace"]!;

        Assert.Equal("""{"elapsed_ms":60,"first_token_ms":10,"stages":[""" + Stage("desk", "0..3", 6) + "," + Stage("lap", "4..7", 6) + "]}", trace.ToJsonString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Ends_a_stream_with_it(bool includesUsage)
    {
        await using var server = await StartAsync();
        server.Http.DefaultRequestHeaders.Add("X-ManagedSwarm-Trace", "1");

        var events = await server.PostStreamAsync(
            "/v1/completions", """{"prompt": "a", "stream": true, "stream_options": {"include_usage": """ + (includesUsage ? "true}}" : "false}}"));

        Assert.Equal("data: [DONE]", events[^1]);
        var chunks = events.Take(events.Count - 1).Select(text => JsonNode.Parse(text["data: ".Length..])!).ToList();
        Assert.Equal(60, (double)chunks[^1]["managedswarm"]!["trace"]!["elapsed_ms"]!);
        Assert.Equal(includesUsage, chunks[^1]["usage"] is not null);
        Assert.Empty(chunks[^1]["choices"]!.AsArray());
        Assert.All(chunks.Take(chunks.Count - 1), chunk => Assert.Null(chunk["managedswarm"]));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("0")]
    public async Task Is_not_there_unless_it_is_asked_for(string? header)
    {
        await using var server = await StartAsync();
        server.Http.DefaultRequestHeaders.Add("X-ManagedSwarm-Trace", header is null ? [] : [header]);

        Assert.False((await server.PostOkAsync("/v1/completions", """{"prompt": "a"}""")).AsObject().ContainsKey("managedswarm"));
        Assert.DoesNotContain("managedswarm", string.Concat(await server.PostStreamAsync("/v1/completions", """{"prompt": "a", "stream": true}""")));
    }

    [Fact]
    public async Task Refuses_another_word()
    {
        await using var server = await StartAsync();
        server.Http.DefaultRequestHeaders.Add("X-ManagedSwarm-Trace", "yes");

        using var response = await server.PostAsync("/v1/completions", """{"prompt": "a"}""");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("'1' or '0'", (await ErrorReply.ReadAsync(response)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Is_read_over_by_the_official_client()
    {
        await using var server = await StartAsync();
        server.Http.DefaultRequestHeaders.Add("X-ManagedSwarm-Trace", "1");
        var json = (await server.PostOkAsync("/v1/chat/completions", """{"messages": [{"role": "user", "content": "a"}]}""")).ToJsonString();

        var parsed = System.ClientModel.Primitives.ModelReaderWriter.Read<OpenAI.Chat.ChatCompletion>(BinaryData.FromString(json))!;

        Assert.Equal(ScriptedGenerator.Text[..4], parsed.Content[0].Text);
    }

    /// <summary>Two stages, which compute a step of 10 ms before each event of a reply.</summary>
    private async Task<RunningServer> StartAsync()
    {
        var server = await RunningServer.StartAsync(time: _time);
        server.Server.Models.Stages = new FakeModelStages { Working = () => [Work("desk", "0..3"), Work("lap", "4..7")] };
        server.Generator.Script = StepsAsync;
        return server;
    }

    private async IAsyncEnumerable<GenerationEvent> StepsAsync(
        GenerationRequest request, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var happened in ScriptedGenerator.Say(request with { MaxTokens = 5 }, cancellationToken))
        {
            _steps++;
            _time.Advance(TimeSpan.FromMilliseconds(10));
            yield return happened;
        }
    }

    private StageWork Work(string node, string layers) => new(
        node, layers, _steps, TimeSpan.FromMilliseconds(2 * _steps), TimeSpan.FromMilliseconds(_steps), TimeSpan.FromMilliseconds(3 * _steps), 64L * _steps);

    private static string Stage(string node, string layers, int steps) =>
        $$"""{"node":"{{node}}","layers":"{{layers}}","steps":{{steps}},"compute_ms":{{2 * steps}},"wait_ms":{{steps}},"wire_ms":{{3 * steps}}"""
        + $",\"bytes\":{64 * steps}}}";
}
