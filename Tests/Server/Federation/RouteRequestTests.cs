using System.Text;
using ManagedSwarm.Server.Federation;
using ManagedSwarm.Server.OpenAi;
using Microsoft.AspNetCore.Http;

namespace ManagedSwarm.Tests.Server.Federation;

public sealed class RouteRequestTests
{
    [Fact]
    public async Task Keeps_the_bytes_and_reads_the_little_that_routing_takes()
    {
        const string Json = """ {"stream": true, "model": "m", "prompt": "a", "whatever": [1]} """;

        var request = await ReadAsync(Json);

        Assert.Equal(Json, Encoding.UTF8.GetString(request.Body.Span));
        Assert.Equal(("m", true, 0, (ulong?)null), (request.Model, request.IsStream, request.Prefix.Count, request.Session));
        Assert.False((await ReadAsync("""{"model": "m"}""")).IsStream);
        Assert.False((await ReadAsync("""{"model": "m", "stream": "true"}""")).IsStream);
    }

    [Fact]
    public async Task One_that_names_no_model_means_the_only_one()
    {
        Assert.Equal("only", (await ReadAsync("{}", onlyModel: "only")).Model);
        Assert.Equal("named", (await ReadAsync("""{"model": "named"}""", onlyModel: "only")).Model);
        Assert.Equal("missing_required_parameter", await CodeOfAsync("{}"));
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("")]
    [InlineData("{\"model\": \"m\"")]
    [InlineData("{\"model\": 1}")]
    public async Task One_that_is_no_object_with_a_model_s_name_is_refused(string json) =>
        Assert.Equal(400, (await Assert.ThrowsAsync<ApiException>(() => ReadAsync(json))).Error.Status);

    [Fact]
    public async Task Clients_do_not_say_how_a_reply_begins() =>
        Assert.Equal("unknown_parameter", await CodeOfAsync($$"""{"model": "m", "{{ResumePoint.Member}}": {} }"""));

    [Theory]
    [InlineData("\"temperature\": 0", true)]
    [InlineData("\"temperature\": 0.0, \"n\": 1, \"logprobs\": false", true)]
    [InlineData("\"temperature\": 0.5, \"seed\": 1", true)]
    [InlineData("\"temperature\": 0, \"prompt\": \"a\"", true)]
    [InlineData("\"temperature\": 0, \"prompt\": [1, 2]", true)]
    [InlineData("\"temperature\": 0.5", false)]
    [InlineData("\"seed\": null", false)]
    [InlineData("\"temperature\": 0, \"n\": 2", false)]
    [InlineData("\"temperature\": 0, \"logprobs\": true", false)]
    [InlineData("\"temperature\": 0, \"logprobs\": 0", false)]
    [InlineData("\"temperature\": 0, \"echo\": true", false)]
    [InlineData("\"temperature\": 0, \"prompt\": [\"a\", \"b\"]", false)]
    [InlineData("\"temperature\": 0, \"prompt\": [[1], [2]]", false)]
    public async Task Another_instance_could_go_on_with_one_reply_that_is_the_same_everywhere(string members, bool expected)
    {
        Assert.Equal(expected, (await ReadAsync($$"""{"model": "m", "stream": true, {{members}}}""")).IsResumable);
        Assert.False((await ReadAsync($$"""{"model": "m", {{members}}}""")).IsResumable);
    }

    [Fact]
    public async Task A_session_is_its_header_s()
    {
        var (one, same, other) = (await ReadAsync(session: "a"), await ReadAsync(session: "a"), await ReadAsync(session: "b"));
        Assert.NotNull(one.Session);
        Assert.Equal(one.Session, same.Session);
        Assert.NotEqual(one.Session, other.Session);
    }

    private static Task<RouteRequest> ReadAsync(string json = """{"model": "m"}""", string? onlyModel = null, string? session = null)
    {
        var http = new DefaultHttpContext();
        (http.Request.ContentType, http.Request.Body) = ("application/json", new MemoryStream(Encoding.UTF8.GetBytes(json)));
        if (session is not null)
        {
            http.Request.Headers[RouteRequest.SessionHeader] = session;
        }

        return RouteRequest.ReadAsync(http, onlyModel);
    }

    private static async Task<string?> CodeOfAsync(string json) => (await Assert.ThrowsAsync<ApiException>(() => ReadAsync(json))).Error.Code;
}
