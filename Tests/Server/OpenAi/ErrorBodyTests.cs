using System.Net;
using ManagedSwarm.Engine;

namespace ManagedSwarm.Tests.Server.OpenAi;

/// <summary>Errors that are nobody's bad JSON: routes, methods, the engine, the state of the server.</summary>
public sealed class ErrorBodyTests
{
    private const string ChatPath = "/v1/chat/completions";
    private const string Chat = """{"messages": [{"role": "user", "content": "Hi"}]}""";
    private const string ChatStream = """{"messages": [{"role": "user", "content": "Hi"}], "stream": true}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Knows_no_other_path()
    {
        await using var server = await RunningServer.StartAsync();

        using var response = await server.Http.GetAsync("/v1/nonsense", Cancellation);

        var error = await ErrorReply.ReadAsync(response);
        Assert.Equal((HttpStatusCode.NotFound, "unknown_url"), (error.Status, error.Code));
        Assert.Contains("GET /v1/nonsense", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_a_strange_path_in_one_short_line()
    {
        await using var server = await RunningServer.StartAsync();

        using var response = await server.Http.GetAsync("/a%0Ab" + new string('c', 1000), Cancellation);

        var error = await ErrorReply.ReadAsync(response);
        Assert.Equal(HttpStatusCode.NotFound, error.Status);
        Assert.InRange(error.Message.Length, 1, 100);
    }

    [Fact]
    public async Task Knows_no_other_method()
    {
        await using var server = await RunningServer.StartAsync();

        using var response = await server.Http.GetAsync(ChatPath, Cancellation);

        Assert.Equal((HttpStatusCode.MethodNotAllowed, "method_not_allowed"), await StatusAndCodeAsync(response));
        Assert.Equal(["POST"], response.Content.Headers.Allow);
    }

    [Theory]
    [InlineData("fake%2Fother")]
    [InlineData("fake/other")]
    [InlineData("fakes")]
    public async Task Knows_no_other_model(string id)
    {
        await using var server = await RunningServer.StartAsync();

        using var got = await server.Http.GetAsync("/v1/models/" + id, Cancellation);
        using var posted = await server.PostAsync(ChatPath, $$"""{"model": "{{Uri.UnescapeDataString(id)}}", "messages": [{"role": "user", "content": "Hi"}]}""");

        foreach (var response in (HttpResponseMessage[])[got, posted])
        {
            var error = await ErrorReply.ReadAsync(response);
            Assert.Equal((HttpStatusCode.NotFound, "model_not_found", "model"), (error.Status, error.Code, error.Param));
            Assert.Contains($"'{Uri.UnescapeDataString(id)}'", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Says_that_the_model_is_being_loaded_and_then_serves()
    {
        await using var server = await RunningServer.StartAsync(loaded: false);

        using (var live = await server.Http.GetAsync("/healthz", Cancellation))
        {
            Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        }

        using var ready = await server.Http.GetAsync("/readyz", Cancellation);
        using var models = await server.Http.GetAsync("/v1/models", Cancellation);
        using var chat = await server.PostAsync(ChatPath, Chat);
        foreach (var response in (HttpResponseMessage[])[ready, models, chat])
        {
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "model_loading"), await StatusAndCodeAsync(response));
            Assert.NotNull(response.Headers.RetryAfter);
        }

        server.FinishLoad();
        using var readyNow = await server.Http.GetAsync("/readyz", Cancellation);
        Assert.Equal(HttpStatusCode.OK, readyNow.StatusCode);
        await server.PostOkAsync(ChatPath, Chat);
    }

    [Theory]
    [InlineData("queue_full", HttpStatusCode.TooManyRequests, "rate_limit_error")]
    [InlineData("context_length_exceeded", HttpStatusCode.BadRequest, "invalid_request_error")]
    [InlineData("shutting_down", HttpStatusCode.ServiceUnavailable, "server_error")]
    [InlineData("capacity_exceeded", HttpStatusCode.BadRequest, "invalid_request_error")]
    [InlineData("invalid_value", HttpStatusCode.BadRequest, "invalid_request_error")]
    [InlineData("empty_prompt", HttpStatusCode.BadRequest, "invalid_request_error")]
    [InlineData("token_out_of_range", HttpStatusCode.BadRequest, "invalid_request_error")]
    [InlineData("chat_template", HttpStatusCode.BadRequest, "invalid_request_error")]
    public async Task Turns_the_engines_refusals_into_statuses(string code, HttpStatusCode status, string type)
    {
        await using var server = await RunningServer.StartAsync();
        server.Generator.Script = ScriptedGenerator.Throw(new EngineException(code, "what, found, allowed"));

        foreach (var body in (string[])[Chat, ChatStream])
        {
            using var response = await server.PostAsync(ChatPath, body);

            var error = await ErrorReply.ReadAsync(response);
            Assert.Equal((status, type, code), (error.Status, error.Type, error.Code));
            Assert.True(status == HttpStatusCode.ServiceUnavailable || error.Message == "what, found, allowed", error.Message);
            Assert.Equal(status == HttpStatusCode.TooManyRequests, response.Headers.RetryAfter is not null);
        }
    }

    [Theory]
    [InlineData(null, "1")]
    [InlineData(0.0, "1")]
    [InlineData(0.2, "1")]
    [InlineData(2.2, "3")]
    [InlineData(60.0, "60")]
    public async Task Says_when_to_come_again_in_whole_seconds(double? seconds, string expected)
    {
        await using var server = await RunningServer.StartAsync();
        TimeSpan? wait = seconds is { } known ? TimeSpan.FromSeconds(known) : null;
        server.Generator.Script = ScriptedGenerator.Throw(new EngineException("queue_full", "full") { RetryAfter = wait });

        using var response = await server.PostAsync(ChatPath, Chat);

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal(expected, Assert.Single(response.Headers.GetValues("Retry-After")));
    }

    [Theory]
    [InlineData(ChatPath, Chat, "prompt", "messages")]
    [InlineData(ChatPath, ChatStream, "prompt", "messages")]
    [InlineData(ChatPath, Chat, "n", "n")]
    [InlineData(ChatPath, Chat, null, null)]
    [InlineData("/v1/completions", """{"prompt": "Hi"}""", "prompt", "prompt")]
    public async Task Names_the_parameter_that_the_engine_refuses(string path, string body, string? parameter, string? param)
    {
        await using var server = await RunningServer.StartAsync();
        server.Generator.Script = ScriptedGenerator.Throw(new EngineException("invalid_value", "what") { Parameter = parameter });

        using var response = await server.PostAsync(path, body);

        Assert.Equal(param, (await ErrorReply.ReadAsync(response)).Param);
    }

    [Fact]
    public async Task Keeps_inner_errors_to_itself()
    {
        await using var server = await RunningServer.StartAsync();
        server.Generator.Script = ScriptedGenerator.Throw(new InvalidOperationException("a secret of the inside"));

        using var response = await server.PostAsync(ChatPath, Chat);

        var error = await ErrorReply.ReadAsync(response);
        Assert.Equal((HttpStatusCode.InternalServerError, "server_error", "internal_error"), (error.Status, error.Type, error.Code));
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
        server.Generator.Script = ScriptedGenerator.Say;
        await server.PostOkAsync(ChatPath, Chat);
    }

    [Fact]
    public async Task Ends_a_broken_stream_with_an_error_event_and_without_done()
    {
        await using var server = await RunningServer.StartAsync();
        server.Generator.Script = ScriptedGenerator.SayThenThrow(new InvalidOperationException("a secret of the inside"));

        var events = await server.PostStreamAsync(ChatPath, ChatStream);

        Assert.Contains("\"content\":\"H\"", events[^2], StringComparison.Ordinal);
        Assert.StartsWith("event: error\ndata: ", events[^1], StringComparison.Ordinal);
        var error = ErrorReply.Parse(HttpStatusCode.OK, events[^1].Split("data: ")[1]);
        Assert.Equal("internal_error", error.Code);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("data: [DONE]", events);
    }

    [Fact]
    public async Task Refuses_a_broken_answer_in_one_piece_with_a_status()
    {
        await using var server = await RunningServer.StartAsync();
        server.Generator.Script = ScriptedGenerator.SayThenThrow(new InvalidOperationException());

        using var response = await server.PostAsync(ChatPath, Chat);

        Assert.Equal((HttpStatusCode.InternalServerError, "internal_error"), await StatusAndCodeAsync(response));
    }

    private static async Task<(HttpStatusCode, string?)> StatusAndCodeAsync(HttpResponseMessage response)
    {
        var error = await ErrorReply.ReadAsync(response);
        return (error.Status, error.Code);
    }
}
