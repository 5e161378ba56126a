using System.Text.Json.Nodes;

namespace ManagedSwarm.Tests.Server.Federation;

/// <summary>A streamed reply, event by event.</summary>
internal static class StreamedReply
{
    /// <summary>Asks a node for one.</summary>
    public static async Task<string[]> EventsAsync(FederatedNode node, JsonObject request)
    {
        using var response = await node.PostAsync("/v1/completions", request);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        return (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>What two replies to the same request have in common.</summary>
    public static string WithoutIdentity(string line)
    {
        if (!line.StartsWith("data: {", StringComparison.Ordinal))
        {
            return line;
        }

        var chunk = JsonNode.Parse(line["data: ".Length..])!.AsObject();
        chunk.Remove("id");
        chunk.Remove("created");
        return chunk.ToJsonString();
    }
}
