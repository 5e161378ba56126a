using System.Text.Json.Nodes;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Server.EndToEnd;

/// <summary>A spare process that has the weights, and takes the layers of a worker that dies.</summary>
public sealed class SpareTests : IDisposable
{
    private static readonly JsonObject Request = new() { ["prompt"] = "Once upon a time", ["max_tokens"] = 12, ["temperature"] = 0 };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_spare_fetches_ahead_holds_no_layers_and_takes_those_of_a_worker_that_dies()
    {
        await using var workers = await Workers.StartAsync(_folder, 2);
        await using var head = NodeProgram.Start(
            _folder.File("head"),
            [
                "run", ServedFile.Tales, "--token", workers.Token, "--node-name", "desk", "--address", "127.0.0.1:0", "--threads", "1",
                .. NodeProgram.Loopback, "--layers", "w0=0..3", "--spares", "1",
            ]);
        await head.ServesAsync();
        await head.WarnsAsync(@"^Spare w1 holds the weights of layers 0\.\.3$");
        await workers[1].SaysAsync(@"^Keeping the weights of layers 0\.\.3 of tales for desk$");
        var swarm = await head.ShowsAsync(
            "/api/swarm", (JsonNode shown) => shown["split"]!["spares"]!.AsArray() is [{ } spare] && (string)spare["name"]! == "w1" && (bool)spare["ready"]!);
        Assert.Equal(["w0"], swarm["split"]!["stages"]!.AsArray().Select(stage => (string)stage!["name"]!));

        var before = await AnswerAsync(head);
        workers[0].Kill();
        Assert.Equal(before, await AnswerAsync(head));
        await workers[1].SaysAsync(@"^Serving layers 0\.\.3 of tales for desk$");

        // It is no spare any more, and there is nobody else.
        await head.ShowsAsync("/api/swarm", (JsonNode shown) => shown["split"]!["spares"]!.AsArray().Count == 0);
    }

    private static async Task<string> AnswerAsync(NodeProgram head) =>
        (await head.AskAsync("/v1/completions", Request.DeepClone()))["choices"]!.ToJsonString();
}
