using System.Text.Json.Nodes;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Tests.Server.EndToEnd;

namespace ManagedSwarm.Tests.Server.Pages.Swarm;

/// <summary>A head and two workers, each a process, with the model that ships spread over all three. Ended with the test.</summary>
internal sealed class PageSwarm : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;

    private PageSwarm(TemporaryFolder folder, Workers workers, NodeProgram head) => (_folder, Workers, Head) = (folder, workers, head);

    public Workers Workers { get; }

    public NodeProgram Head { get; }

    /// <param name="options">More of the head's.</param>
    public static async Task<PageSwarm> StartAsync(params string[] options)
    {
        var folder = new TemporaryFolder();
        var workers = await Workers.StartAsync(folder, 2);
        var head = NodeProgram.Start(
            folder.File("head"),
            [
                "run", "--token", workers.Token, "--node-name", "head", "--threads", "1", "--address", "127.0.0.1:0", "--min-workers", "2", "--split", "even",
                .. NodeProgram.Loopback, .. options,
            ]);
        await head.ServesAsync();
        // It tells what it serves a moment later.
        await head.ShowsAsync("/api/swarm", swarm => swarm["members"]![0]!["models"]!.AsArray().Count > 0);
        return new(folder, workers, head);
    }

    /// <summary>Asks for a reply, so that there is something to measure.</summary>
    public Task<JsonNode> ReplyAsync(int tokens = 32) =>
        Head.AskAsync("/v1/completions", new JsonObject { ["model"] = "tales", ["prompt"] = "A fox and a lantern.", ["max_tokens"] = tokens, ["temperature"] = 0 });

    public async ValueTask DisposeAsync()
    {
        await Head.DisposeAsync();
        await Workers.DisposeAsync();
        _folder.Dispose();
    }
}
