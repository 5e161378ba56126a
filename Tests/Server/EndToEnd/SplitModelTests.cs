using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ManagedSwarm.Gguf;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Server.EndToEnd;

/// <summary>Models over real worker processes, and the same models in one process: the same bits, so the same answers.</summary>
/// <param name="workers">Four of them, for all tests.</param>
public sealed class SplitModelTests(SplitModelTests.FourWorkers workers) : IClassFixture<SplitModelTests.FourWorkers>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_command_that_is_printed_joins_a_worker_and_layers_go_to_it()
    {
        await using var head = NodeProgram.Start(
            _folder.File("head"), ["run", ServedFile.Tales, "--p2p", "--min-workers", "1", "--address", "127.0.0.1:0", .. NodeProgram.Loopback]);
        await head.SaysAsync("^The next machine joins by:");
        var command = await head.SaysAsync("^ +managedswarm (.+)$");
        await using var worker = NodeProgram.Start(_folder.File("worker"), [.. command.Split(' '), "--address", "127.0.0.1:0", .. NodeProgram.Loopback]);
        await worker.ServesAsync();
        await head.ServesAsync();

        // The worker's record follows its layers.
        await head.ShowsAsync("/api/swarm", (JsonNode swarm) => swarm["members"]!.AsArray().Any(member => member!["layers"]!.AsArray().Count > 0));
        Assert.Equal(await WholeAsync(ServedFile.Tales), await AnswersAsync(head));

        // The connection that brought the weights is gone by now; a second look finds all that the first did.
        for (var look = 0; look < 2; look++)
        {
            await worker.ShowsAsync("/metrics", (string metrics) =>
                Regex.IsMatch(metrics, "managedswarm_transport_io_bytes_total{[^}]*receive[^}]*} [1-9]")
                && metrics.Contains("managedswarm_transport_sessions", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Tells_what_a_reply_has_taken_at_each_stage()
    {
        await using var head = NodeProgram.Start(
            workers.Folder.File("traced"),
            [
                "run", ServedFile.Tales, "--token", workers.All.Token, "--address", "127.0.0.1:0", .. NodeProgram.Loopback,
                "--layers", "self=0..0", "--layers", "w0=1..2", "--layers", "w1=3..3", "--node-name", "the head",
            ]);
        await head.ServesAsync();
        head.Http.DefaultRequestHeaders.Add("X-ManagedSwarm-Trace", "1");
        var answer = await head.AskAsync("/v1/completions", new JsonObject { ["prompt"] = "Once upon a time", ["max_tokens"] = 8, ["temperature"] = 0 });
        var stages = answer["managedswarm"]!["trace"]!["stages"]!.AsArray();
        Assert.Equal(["the head 0..0", "w0 1..2", "w1 3..3"], stages.Select(stage => $"{stage!["node"]} {stage["layers"]}"));

        // The prompt, and a step for each token but the last.
        Assert.All(stages, stage => Assert.True((int)stage!["steps"]! >= 8 && (double)stage["compute_ms"]! > 0, stage.ToJsonString()));
        var bytes = stages.Select(stage => (long)stage!["bytes"]!).ToList();
        Assert.True(bytes[0] == 0 && bytes[1] > 0 && bytes[1] == bytes[2], stages.ToJsonString());
        foreach (var name in new[] { "compute_duration_seconds_count", "wait_duration_seconds_count", "wire_duration_seconds_count", "io_bytes_total" })
        {
            var line = "managedswarm_stage_" + name + """\{[^}]*layers="1\.\.2"[^}]*role="head"[^}]*\} [1-9]""";
            await head.ShowsAsync("/metrics", (string metrics) => Regex.IsMatch(metrics, line));
        }
    }

    [Fact]
    public async Task Shows_how_far_off_the_prediction_of_a_plan_was()
    {
        string[] layers = ["--layers", "self=0..0", "--layers", "w2=1..3"];
        await using var head = NodeProgram.Start(
            workers.Folder.File("measured"),
            ["run", ServedFile.Tales, "--token", workers.All.Token, "--address", "127.0.0.1:0", .. NodeProgram.Loopback, .. layers]);
        await head.ServesAsync();
        await head.AskAsync("/v1/completions", new JsonObject { ["prompt"] = "Once upon a time", ["max_tokens"] = 32, ["ignore_eos"] = true });

        // Counted when the answer has gone.
        var split = (await head.ShowsAsync("/api/swarm", (JsonNode swarm) => swarm["split"]!["seconds_per_token"] is not null))["split"]!;
        Assert.All(split["stages"]!.AsArray(), stage => Assert.True((double)stage!["seconds_per_layer"]! > 0, split.ToJsonString()));
        await using var plan = NodeProgram.Start(
            workers.Folder.File("measured"), ["plan", ServedFile.Tales, "--address", head.Http.BaseAddress!.Authority, .. layers]);
        await plan.SaysAsync(@"^manual, as it ran last: predicted [0-9.]+ ms per token, measured [0-9.]+ ms \([+-]?\d+ %\)");
    }

    public static TheoryData<string> Models => [.. SharedData.Names("models", "*Q*.gguf"), "tales"];

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Gives_the_same_answers_over_workers_as_in_one_process(string model)
    {
        var path = model == "tales" ? ServedFile.Tales : SharedData.Require($"models/{model}.gguf");
        var whole = await WholeAsync(path);

        // All numbers for one model, two of them for each tensor type: a head takes a second to start.
        foreach (var count in model == "tales" ? new[] { 1, 2, 3, 4 } : [2, 4])
        {
            await using var head = NodeProgram.Start(
                workers.Folder.File($"{model}-{count}"),
                ["run", path, "--token", workers.All.Token, "--address", "127.0.0.1:0", .. NodeProgram.Loopback, .. Ranges(LayersOf(path), count)]);
            await head.ServesAsync();
            Assert.Equal(whole, await AnswersAsync(head));
        }
    }

    private static int LayersOf(string path)
    {
        using var file = GgufFile.Open(path);
        return ManagedSwarm.Engine.Model.ModelConfig.FromMetadata(file.Metadata).LayerCount;
    }

    private static IEnumerable<string> Ranges(int layers, int workers) => Enumerable.Range(0, workers).SelectMany(worker => new[]
    {
        "--layers", $"w{worker}={layers * worker / workers}..{(layers * (worker + 1) / workers) - 1}",
    });

    private async Task<string> WholeAsync(string path)
    {
        await using var whole = NodeProgram.Start(_folder.File("whole"), "run", path, "--address", "127.0.0.1:0");
        await whole.ServesAsync();
        return await AnswersAsync(whole);
    }

    /// <summary>Greedy and seeded, several choices, log-probabilities to the last digit; all at once.</summary>
    private static async Task<string> AnswersAsync(NodeProgram node)
    {
        JsonObject[] requests =
        [
            new() { ["prompt"] = "Once upon a time", ["max_tokens"] = 24, ["temperature"] = 0, ["logprobs"] = 5 },
            new() { ["prompt"] = "There was a fox who", ["max_tokens"] = 16, ["temperature"] = 0.9, ["seed"] = 7, ["n"] = 3, ["logprobs"] = 2 },
            new() { ["prompt"] = "The nurse found a lantern. The nurse found a lantern.", ["max_tokens"] = 16, ["temperature"] = 0 },
        ];
        var answers = await Task.WhenAll(requests.Select(request => node.AskAsync("/v1/completions", request)));
        return string.Join('\n', answers.Select(answer => answer["choices"]!.ToJsonString()));
    }

    public sealed class FourWorkers : IAsyncLifetime
    {
        private const int Count = 4;

        internal TemporaryFolder Folder { get; } = new();

        internal Workers All { get; private set; } = null!;

        public async ValueTask InitializeAsync() => All = await Workers.StartAsync(Folder, Count);

        public async ValueTask DisposeAsync()
        {
            await All.DisposeAsync();
            Folder.Dispose();
        }
    }
}
