using System.Net;
using System.Text.Json.Nodes;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Server.EndToEnd;

/// <summary>What goes wrong where a model is spread over real worker processes: each ends in a clear state and message.</summary>
public sealed class SplitFaultTests : IDisposable
{
    private static readonly JsonObject Request = new() { ["prompt"] = "Once upon a time", ["max_tokens"] = 12, ["temperature"] = 0 };

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Says_which_node_lacks_how_much_memory()
    {
        await using var workers = await Workers.StartAsync(_folder, 1, "--memory", "1M");
        var port = FreePort.Find();
        await using var head = StartHead("head", workers.Token, $"127.0.0.1:{port}", "--layers", "w0=0..3");

        var message = await head.WarnsAsync("^Waiting: (.*memory.*)$");
        Assert.Contains("w0", message, StringComparison.Ordinal);
        Assert.Matches(@"\d+ [KM]iB", message);
        using var ready = await head.Http.GetAsync($"http://127.0.0.1:{port}/readyz", Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.NotNull(ready.Headers.RetryAfter);
        var body = JsonNode.Parse(await ready.Content.ReadAsStringAsync(Cancellation))!;
        Assert.Equal("waiting", (string)body["loading"]!["state"]!);
        Assert.Contains(message, (string)body["error"]!["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fetches_a_damaged_piece_of_the_cache_again()
    {
        var before = await AnswerOfFreshNodesAsync();
        var blobs = Directory.GetFiles(_folder.File("w0"), "*", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file).Length == 64).Order(StringComparer.Ordinal).ToList();
        Assert.NotEmpty(blobs);
        var bytes = await File.ReadAllBytesAsync(blobs[0], Cancellation);
        await File.WriteAllBytesAsync(blobs[0], [.. bytes.Select(value => (byte)~value)], Cancellation);

        Assert.Equal(before, await AnswerOfFreshNodesAsync());
        Assert.Equal(bytes, await File.ReadAllBytesAsync(blobs[0], Cancellation));
    }

    [Fact]
    public async Task Tells_a_second_head_that_a_worker_is_full_and_the_first_goes_on()
    {
        // All of the model's layers take about 12 MiB.
        await using var workers = await Workers.StartAsync(_folder, 1, "--memory", "16M");
        await using var first = StartHead("first", workers.Token, "127.0.0.1:0", "--layers", "w0=0..3");
        await first.ServesAsync();
        var before = await AnswerAsync(first);
        await using var second = StartHead("second", workers.Token, "127.0.0.1:0", "--layers", "w0=0..3");

        Assert.Contains("w0", await second.WarnsAsync("^Waiting: (.*memory.*)$"), StringComparison.Ordinal);
        Assert.Equal(before, await AnswerAsync(first));

        // What the first one gives back, the second takes.
        first.Kill();
        await second.ServesAsync();
        Assert.Equal(before, await AnswerAsync(second));
    }

    [Fact]
    public async Task A_worker_frees_the_layers_of_a_head_that_dies()
    {
        await using var workers = await Workers.StartAsync(_folder, 1, "--address", "127.0.0.1:0");
        await workers[0].ServesAsync();
        await using var head = StartHead("head", workers.Token, "127.0.0.1:0", "--layers", "w0=0..3");
        await head.ServesAsync();
        await workers[0].SaysAsync(@"^Serving layers 0\.\.3 of tales");
        await HoldsAsync(workers[0], ranges: 1);
        head.Kill();

        await workers[0].SaysAsync(@"^Freed layers 0\.\.3 of tales");
        await HoldsAsync(workers[0], ranges: 0);
    }

    [Theory]
    [InlineData("--cache-limit", "10K", "cache_too_small|the weight cache .* may have 10240")]
    [InlineData("--cache-dir", "FILE/cache", "the weight cache .*FILE/cache' cannot be used")]
    public async Task Says_why_a_worker_cannot_keep_weights(string option, string value, string says)
    {
        var file = _folder.File("FILE");
        await File.WriteAllTextAsync(file, "a file where a folder should be", Cancellation);
        await using var workers = await Workers.StartAsync(_folder, 1, option, value.Replace("FILE", file, StringComparison.Ordinal));
        await using var head = StartHead("head", workers.Token, "127.0.0.1:0", "--layers", "w0=0..3");

        Assert.Contains("w0", await head.WarnsAsync($"^(Waiting: .*(?:{says}).*)$"), StringComparison.Ordinal);
    }

    private static async Task<string> AnswerAsync(NodeProgram head) =>
        (await head.AskAsync("/v1/completions", Request.DeepClone()))["choices"]!.ToJsonString();

    /// <summary>Waits for the worker's record, which follows its layers.</summary>
    private static async Task HoldsAsync(NodeProgram worker, int ranges) => await worker.ShowsAsync(
        "/api/swarm",
        (JsonNode swarm) => swarm["members"]!.AsArray().Single(member => (bool)member!["is_self"]!)!["layers"]!.AsArray().Count == ranges);

    /// <summary>Of a worker, and of a head, that begin with what they have on disk.</summary>
    private async Task<string> AnswerOfFreshNodesAsync()
    {
        await using var workers = await Workers.StartAsync(_folder, 1);
        await using var head = StartHead("head", workers.Token, "127.0.0.1:0", "--layers", "w0=0..3");
        await head.ServesAsync();
        return await AnswerAsync(head);
    }

    private NodeProgram StartHead(string name, string token, string address, params string[] options) => NodeProgram.Start(
        _folder.File(name),
        ["run", ServedFile.Tales, "--token", token, "--node-name", name, "--address", address, "--threads", "1", .. NodeProgram.Loopback, .. options]);
}
