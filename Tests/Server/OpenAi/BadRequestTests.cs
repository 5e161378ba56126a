using System.Net;
using System.Text;

namespace ManagedSwarm.Tests.Server.OpenAi;

/// <summary>What a client can get wrong, and what it is told: each a 400 that names the parameter, what was expected and what was found.</summary>
public sealed class BadRequestTests
{
    private const string ChatPath = "/v1/chat/completions";
    private const string CompletionPath = "/v1/completions";
    private const string Messages = """ "messages": [{"role": "user", "content": "Hi"}] """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{"model": 5, MESSAGES}""", "invalid_type", "model", "expected a string, found the number 5")]
    [InlineData("""{"model": "fake"}""", "missing_required_parameter", "messages", "expected an array of at least one message")]
    [InlineData("""{"messages": []}""", "invalid_value", "messages", "found an empty array")]
    [InlineData("""{"messages": "Hi"}""", "invalid_type", "messages", "expected an array, found a string")]
    [InlineData("""{"messages": ["Hi"]}""", "invalid_type", "messages[0]", "expected an object, found a string")]
    [InlineData("""{"messages": [{"content": "Hi"}]}""", "missing_required_parameter", "messages[0].role", "'user'")]
    [InlineData("""{"messages": [{"role": "king", "content": "Hi"}]}""", "invalid_value", "messages[0].role", "found 'king'")]
    [InlineData("""{"messages": [{"role": "tool", "content": "Hi"}]}""", "unsupported_parameter", "messages[0].role", "tools")]
    [InlineData("""{"messages": [{"role": "user"}]}""", "missing_required_parameter", "messages[0].content", "a string")]
    [InlineData("""{"messages": [{"role": "user", "content": null}]}""", "missing_required_parameter", "messages[0].content", "a string")]
    [InlineData("""{"messages": [{"role": "user", "content": 1}]}""", "invalid_type", "messages[0].content", "found the number 1")]
    [InlineData("""{"messages": [{"role": "user", "content": "Hi", "mood": "gay"}]}""", "unknown_parameter", "messages[0].mood", "mood")]
    [InlineData("""{"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}""", "unsupported_parameter", "messages[0].content[0].type", "'image_url'")]
    [InlineData("""{"messages": [{"role": "assistant", "content": "Hi", "tool_calls": [{}]}]}""", "unsupported_parameter", "messages[0].tool_calls", "an array of 1")]
    [InlineData("""{MESSAGES, "max_tokens": 0}""", "invalid_value", "max_tokens", "a whole number from 1 to 2147483647, found the number 0")]
    [InlineData("""{MESSAGES, "max_tokens": -1}""", "invalid_value", "max_tokens", "found the number -1")]
    [InlineData("""{MESSAGES, "max_completion_tokens": 1.5}""", "invalid_value", "max_completion_tokens", "found the number 1.5")]
    [InlineData("""{MESSAGES, "max_tokens": 1, "max_completion_tokens": 2}""", "invalid_value", "max_tokens", "'max_completion_tokens' (2)")]
    [InlineData("""{MESSAGES, "temperature": "hot"}""", "invalid_type", "temperature", "expected a number from 0 to 2, found a string")]
    [InlineData("""{MESSAGES, "temperature": 2.5}""", "invalid_value", "temperature", "found the number 2.5")]
    [InlineData("""{MESSAGES, "temperature": 1e999}""", "invalid_value", "temperature", "found the number 1e999")]
    [InlineData("""{MESSAGES, "top_p": -0.1}""", "invalid_value", "top_p", "a number from 0 to 1")]
    [InlineData("""{MESSAGES, "n": 0}""", "invalid_value", "n", "a whole number from 1 to 128")]
    [InlineData("""{MESSAGES, "n": 129}""", "invalid_value", "n", "found the number 129")]
    [InlineData("""{MESSAGES, "seed": 99999999999999999999}""", "invalid_value", "seed", "found the number 99999999999999999999")]
    [InlineData("""{MESSAGES, "stream": "yes"}""", "invalid_type", "stream", "expected true or false, found a string")]
    [InlineData("""{MESSAGES, "stream_options": {"include_usage": true}}""", "unsupported_parameter", "stream_options", "'stream': true")]
    [InlineData("""{MESSAGES, "stream": true, "stream_options": {"x": 1}}""", "unknown_parameter", "stream_options.x", "x")]
    [InlineData("""{MESSAGES, "stop": ["a", "b", "c", "d", "e"]}""", "invalid_value", "stop", "at most 4 strings")]
    [InlineData("""{MESSAGES, "stop": ["a", 5]}""", "invalid_type", "stop[1]", "expected a string, found the number 5")]
    [InlineData("""{MESSAGES, "stop": ""}""", "invalid_value", "stop", "found an empty string")]
    [InlineData("""{MESSAGES, "stop": {}}""", "invalid_type", "stop", "found an object")]
    [InlineData("""{MESSAGES, "logit_bias": {"256": 1}}""", "invalid_value", "logit_bias", "token ids from 0 to 255, found '256'")]
    [InlineData("""{MESSAGES, "logit_bias": {"a": 1}}""", "invalid_value", "logit_bias", "found 'a'")]
    [InlineData("""{MESSAGES, "logit_bias": {"1": 101}}""", "invalid_value", "logit_bias", "biases from -100 to 100, found the number 101 for token 1")]
    [InlineData("""{MESSAGES, "logit_bias": [1]}""", "invalid_type", "logit_bias", "found an array of 1")]
    [InlineData("""{MESSAGES, "logprobs": 3}""", "invalid_type", "logprobs", "true or false")]
    [InlineData("""{MESSAGES, "logprobs": true, "top_logprobs": 21}""", "invalid_value", "top_logprobs", "a whole number from 0 to 20")]
    [InlineData("""{MESSAGES, "top_logprobs": 2}""", "unsupported_parameter", "top_logprobs", "'logprobs': true")]
    [InlineData("""{MESSAGES, "tools": [{"type": "function"}]}""", "unsupported_parameter", "tools", "found an array of 1")]
    [InlineData("""{MESSAGES, "functions": [{}]}""", "unsupported_parameter", "functions", "tools are not supported")]
    [InlineData("""{MESSAGES, "tool_choice": "required"}""", "unsupported_parameter", "tool_choice", "'none' or 'auto'")]
    [InlineData("""{MESSAGES, "response_format": {"type": "json_schema"}}""", "unsupported_parameter", "response_format", "\"text\"")]
    [InlineData("""{MESSAGES, "modalities": ["audio"]}""", "unsupported_parameter", "modalities", "text")]
    [InlineData("""{MESSAGES, "audio": {"voice": "x"}}""", "unsupported_parameter", "audio", "text")]
    [InlineData("""{MESSAGES, "store": true}""", "unsupported_parameter", "store", "not stored")]
    [InlineData("""{MESSAGES, "user": 5}""", "unsupported_parameter", "user", "expected a string; found the number 5")]
    [InlineData("""{MESSAGES, "grammar": "root ::= x"}""", "unsupported_parameter", "grammar", "grammars")]
    [InlineData("""{MESSAGES, "temprature": 1}""", "unknown_parameter", "temprature", "temprature")]
    [InlineData("""{MESSAGES, "prompt": "Hi"}""", "unknown_parameter", "prompt", "prompt")]
    [InlineData("[]", "invalid_json", null, "expected a JSON object, found an array of 0")]
    [InlineData("", "invalid_json", null, "empty")]
    [InlineData("{\n  \"model\" \"x\"}", "invalid_json", null, "at line 2, byte 11")]
    [InlineData("""{"model": "a", "model": "b"}""", "invalid_json", null, "model")]
    public async Task Refuses_a_bad_chat_request(string json, string code, string? param, string says) =>
        await RefusesAsync(ChatPath, json.Replace("MESSAGES", Messages, StringComparison.Ordinal), code, param, says);

    [Theory]
    [InlineData("""{}""", "missing_required_parameter", "prompt", "an array of strings")]
    [InlineData("""{"prompt": 5}""", "invalid_type", "prompt", "found the number 5")]
    [InlineData("""{"prompt": ""}""", "invalid_value", "prompt", "at least one token, found an empty prompt")]
    [InlineData("""{"prompt": []}""", "invalid_value", "prompt", "1 to 128 prompts")]
    [InlineData("""{"prompt": [[]]}""", "invalid_value", "prompt[0]", "an empty prompt")]
    [InlineData("""{"prompt": [true]}""", "invalid_type", "prompt[0]", "found true")]
    [InlineData("""{"prompt": [1, 256]}""", "invalid_value", "prompt", "a token from 0 to 255, found the number 256")]
    [InlineData("""{"prompt": [1, -1]}""", "invalid_value", "prompt", "found the number -1")]
    [InlineData("""{"prompt": [1, "a"]}""", "invalid_type", "prompt", "found a string")]
    [InlineData("""{"prompt": ["a", "b"], "n": 65}""", "invalid_value", "prompt", "1 to 1 prompts with 'n' = 65")]
    [InlineData("""{"prompt": "a", "max_tokens": 0}""", "invalid_value", "max_tokens", "found the number 0")]
    [InlineData("""{"prompt": "a", "logprobs": 6}""", "invalid_value", "logprobs", "a whole number from 0 to 5")]
    [InlineData("""{"prompt": "a", "logprobs": true}""", "invalid_type", "logprobs", "found true")]
    [InlineData("""{"prompt": "a", "logprobs": 1, "echo": true}""", "unsupported_parameter", "echo", "log-probabilities of the prompt")]
    [InlineData("""{"prompt": "a", "suffix": "b"}""", "unsupported_parameter", "suffix", "inserting text is not supported")]
    [InlineData("""{"prompt": "a", "best_of": 3}""", "unsupported_parameter", "best_of", "the value of 'n'")]
    [InlineData("""{"prompt": "a", "messages": []}""", "unknown_parameter", "messages", "messages")]
    public async Task Refuses_a_bad_completion_request(string json, string code, string? param, string says) =>
        await RefusesAsync(CompletionPath, json, code, param, says);

    [Fact]
    public async Task Refuses_a_body_that_is_not_utf8()
    {
        await using var server = await RunningServer.StartAsync();
        var body = new ByteArrayContent([.. "{\"prompt\": \""u8, 0xC3, 0x28, .. "\"}"u8]);
        body.Headers.ContentType = new("application/json");

        using var response = await server.Http.PostAsync(CompletionPath, body, Cancellation);

        var error = await ErrorReply.ReadAsync(response);
        Assert.Equal(HttpStatusCode.BadRequest, error.Status);
        Assert.Equal("invalid_json", error.Code);
        Assert.Contains("not valid UTF-8 at byte 12", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"messages": [{"role": "user", "content": "\ud800"}]}""", 42)]
    [InlineData("""{"messages": [{"role": "user", "content": "a\ud800\ud800"}]}""", 42)]
    [InlineData("""{"messages": [{"role": "\udc00", "content": "a"}]}""", 23)]
    [InlineData("""{"\ud800": 1, MESSAGES}""", 1)]
    [InlineData("""{"logit_bias": {"\ud800": 1}, MESSAGES}""", 16)]
    [InlineData("""{"metadata": {"a": {"\ud800": 1}}, MESSAGES}""", 20)]
    [InlineData("""{"tool_choice": "\ud800", MESSAGES}""", 16)]
    [InlineData("""{"modalities": ["\ud800"], MESSAGES}""", 16)]
    [InlineData("""{"response_format": {"type": "\ud800"}, MESSAGES}""", 29)]
    [InlineData("""{"stream": true, "stream_options": {"\ud800": 1}, MESSAGES}""", 36)]
    public async Task Refuses_half_a_surrogate_pair_wherever_it_stands(string json, int offset) => await RefusesAsync(
        ChatPath,
        json.Replace("MESSAGES", Messages, StringComparison.Ordinal),
        "invalid_json",
        null,
        $@"not well-formed Unicode: the string at byte {offset} has an escape like \ud800 without its other half");

    [Fact]
    public async Task Takes_whole_surrogate_pairs()
    {
        await using var server = await RunningServer.StartAsync();

        await server.PostOkAsync(ChatPath, """{"messages": [{"role": "user", "content": "\ud83d\ude00"}]}""");

        Assert.Equal("\U0001F600", Assert.Single(Assert.Single(server.Model.Conversations)).Content);
    }

    [Theory]
    [InlineData("text/plain", "found 'text/plain'")]
    [InlineData(null, "found none")]
    public async Task Refuses_a_body_of_another_type(string? type, string says)
    {
        await using var server = await RunningServer.StartAsync();
        var body = new ByteArrayContent("{}"u8.ToArray());
        body.Headers.ContentType = type is null ? null : new(type);

        using var response = await server.Http.PostAsync(ChatPath, body, Cancellation);

        var error = await ErrorReply.ReadAsync(response);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, error.Status);
        Assert.Equal("unsupported_media_type", error.Code);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ChatPath, """{"messages": [{"role": "user", "content": "PROMPT"}]}""", "messages")]
    [InlineData(CompletionPath, """{"prompt": "PROMPT"}""", "prompt")]
    [InlineData(CompletionPath, """{"prompt": ["a", "PROMPT"]}""", "prompt[1]")]
    public async Task Refuses_a_prompt_that_fills_the_context(string path, string json, string param)
    {
        await using var server = await RunningServer.StartAsync();

        await server.PostOkAsync(path, json.Replace("PROMPT", new string('x', FakeModel.Context - 1), StringComparison.Ordinal));
        using var exact = await server.PostAsync(path, json.Replace("PROMPT", new string('x', FakeModel.Context), StringComparison.Ordinal));
        using var beyond = await server.PostAsync(path, json.Replace("PROMPT", new string('x', 1_000_000), StringComparison.Ordinal));

        foreach (var response in (HttpResponseMessage[])[exact, beyond])
        {
            var error = await ErrorReply.ReadAsync(response);
            Assert.Equal((HttpStatusCode.BadRequest, "context_length_exceeded", param), (error.Status, error.Code, error.Param));
            Assert.Contains("context is 1000 tokens", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Refuses_ten_megabytes_and_goes_on()
    {
        await using var server = await RunningServer.StartAsync();
        var json = $$"""{"messages": [{"role": "user", "content": "{{new string('x', 10_000_000)}}"}]}""";

        using var response = await server.PostAsync(ChatPath, json);

        var error = await ErrorReply.ReadAsync(response);
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "request_too_large"), (error.Status, error.Code));
        Assert.Contains("at most 8388608 bytes", error.Message, StringComparison.Ordinal);
        await server.PostOkAsync(CompletionPath, """{"prompt": "Hi"}""");
    }

    [Fact]
    public async Task Refuses_ten_megabytes_of_unknown_length()
    {
        await using var server = await RunningServer.StartAsync();
        var request = new HttpRequestMessage(HttpMethod.Post, ChatPath) { Content = new StringContent(new string(' ', 10_000_000), Encoding.UTF8, "application/json") };
        request.Headers.TransferEncodingChunked = true;

        using var response = await server.Http.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await ErrorReply.ReadAsync(response)).Status);
    }

    private static async Task RefusesAsync(string path, string json, string code, string? param, string says)
    {
        await using var server = await RunningServer.StartAsync();

        using var response = await server.PostAsync(path, json);

        var error = await ErrorReply.ReadAsync(response);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request_error", code, param), (error.Status, error.Type, error.Code, error.Param));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.Empty(server.Generator.Requests);
        await server.PostOkAsync(CompletionPath, """{"prompt": "Hi"}""");
    }
}
