using System.Net;
using System.Text.Json.Nodes;

namespace ManagedSwarm.Tests.Server.OpenAi;

/// <summary>An answer that must be OpenAI's error body, with its four members.</summary>
internal sealed record ErrorReply(HttpStatusCode Status, string Type, string? Code, string? Param, string Message)
{
    public static async Task<ErrorReply> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        return Parse(response.StatusCode, text);
    }

    public static ErrorReply Parse(HttpStatusCode status, string json)
    {
        var body = JsonNode.Parse(json)!.AsObject();
        var error = Assert.Single(body).Value!.AsObject();
        Assert.Equal(["code", "message", "param", "type"], error.Select(member => member.Key).Order(StringComparer.Ordinal));
        var message = (string)error["message"]!;
        Assert.DoesNotContain('\n', message);
        Assert.DoesNotContain("   at ", message, StringComparison.Ordinal);
        return new(status, (string)error["type"]!, (string?)error["code"], (string?)error["param"], message);
    }
}
