using System.Text.Json.Nodes;
using ManagedSwarm.Tests.Engine.Planning;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Tests.Server.P2p;
using ManagedSwarm.Tests.Server.P2pApi;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Tests.Server.Commands;

public sealed class PlanCommandTests : IDisposable
{
    // Nothing listens on port 1.
    private static readonly string[] NoNode = ["--address", "127.0.0.1:1"];

    private const string Nodes = """
        {"nodes": [
          {"name": "desk", "free_memory": "6M", "decode_ms_per_layer": 0.5},
          {"name": "lap [red]2[/]", "id": "lap-id", "free_memory": "12M", "decode_ms_per_layer": 2, "prefill_ms_per_token_per_layer": 0.1}
        ]}
        """;

    private readonly TemporaryFolder _folder = new();

    private static string Model => Repository.File("models-test/tales.q8_0.gguf");

    [Fact]
    public async Task Shows_ranges_memory_and_times_by_strategy()
    {
        await using var run = Run("--nodes", Write("nodes.json", Nodes), "--context", "64", "--layers", "desk=0..0", "--layers", "lap-id=1..3");

        Assert.Equal(0, await run.ExitCodeAsync());
        Assert.Contains("tales.q8_0: ", run.Output, StringComparison.Ordinal);
        Assert.Contains("of 4 sequences of 64 tokens", run.Output, StringComparison.Ordinal);
        Assert.Contains("desk (head)", run.Output, StringComparison.Ordinal);
        Assert.Contains("lap [red]2[/]", run.Output, StringComparison.Ordinal);
        foreach (var strategy in new[] { "memory", "speed", "manual" })
        {
            Assert.Equal(2, run.Output.Split('\n').Count(line => line.StartsWith($"│ {strategy} ", StringComparison.Ordinal)));
        }

        Assert.Contains("measured", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', run.Output);
    }

    [Fact]
    public async Task Shows_the_head_that_holds_no_layers()
    {
        await using var run = Run("--nodes", Write("nodes.json", Nodes), "--context", "64", "--layers", "lap-id=0..3", "--split", "manual");

        Assert.Equal(0, await run.ExitCodeAsync());
        var row = run.Output.Split('\n').Single(line => line.Contains("desk (head)", StringComparison.Ordinal));
        Assert.Equal(["manual", "desk (head)", "none", "", "", "", "817 KiB", "817 KiB", "6144 KiB"], row.Split('│', StringSplitOptions.TrimEntries)[1..^1]);
    }

    [Fact]
    public async Task Says_why_a_strategy_cannot()
    {
        var poor = Nodes.Replace("\"12M\"", "\"20K\"", StringComparison.Ordinal);
        await using var run = Run("--nodes", Write("nodes.json", poor), "--context", "64");

        Assert.Equal(1, await run.ExitCodeAsync());
        foreach (var strategy in new[] { "memory", "speed", "even" })
        {
            Assert.Contains($"{strategy} cannot: not enough memory for tales.q8_0 with a context of 64 tokens: ", run.Output, StringComparison.Ordinal);
        }

        Assert.Contains("are missing in all", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prints_json_with_stable_names()
    {
        await using var run = Run(
            "--nodes", Write("nodes.json", Nodes.Replace("\"6M\"", "\"60M\"", StringComparison.Ordinal)), "--context", "64", "--json", "--split", "even", "--prompt", "100", "--requests", "3");

        Assert.Equal(0, await run.ExitCodeAsync());
        var body = JsonNode.Parse(run.Output)!.AsObject();
        Assert.Equal(["model", "objective", "min_workers", "stays_whole", "note", "nodes", "plans"], Names(body));
        Assert.Equal(
            ["name", "layers", "hidden_size", "layer_bytes", "head_bytes", "kv_bytes", "workspace_bytes", "context", "sequences"], Names(body["model"]!));
        Assert.Equal(["id", "name", "is_head", "free_memory", "is_estimated"], Names(body["nodes"]![0]!));
        var plan = Assert.Single(body["plans"]!.AsArray())!;
        Assert.Equal(["strategy", "stages", "prediction", "error", "measured"], Names(plan));
        Assert.Equal(
            ["node_id", "node_name", "first", "end", "weight_bytes", "kv_bytes", "workspace_bytes", "head_bytes", "needed_bytes", "free_bytes"],
            Names(plan["stages"]![0]!));
        Assert.Equal(
            [
                "ms_per_token", "prompt_tokens", "ms_to_first_token", "requests", "tokens_per_second", "groups", "bottleneck_ms", "is_estimated",
            ],
            Names(plan["prediction"]!));
        Assert.Equal(("even", 100, 3), ((string)plan["strategy"]!, (int)plan["prediction"]!["prompt_tokens"]!, (int)plan["prediction"]!["requests"]!));
        Assert.Equal((int)body["model"]!["layers"]!, (int)plan["stages"]!.AsArray()[^1]!["end"]!);
        Assert.Null(plan["error"]);
    }

    [Fact]
    public async Task Prints_why_not_as_json()
    {
        await using var run = Run("--nodes", Write("nodes.json", Nodes), "--json", "--layers", "nobody=0..3", "--split", "manual");

        Assert.Equal(1, await run.ExitCodeAsync());
        var plan = JsonNode.Parse(run.Output)!["plans"]![0]!;
        Assert.Equal("invalid_plan", (string)plan["error"]!["code"]!);
        Assert.Null(plan["stages"]);
    }

    [Fact]
    public async Task Plans_for_this_machine_where_no_node_runs()
    {
        await using var run = Run(NoNode);

        Assert.Equal(0, await run.ExitCodeAsync());
        Assert.Contains("Planned for this machine alone: nothing answers at 127.0.0.1:1", run.Output, StringComparison.Ordinal);
        Assert.Contains("estimated", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plans_for_the_living_workers_of_the_swarm()
    {
        await using var node = await SwarmServer.StartAsync();
        node.Swarm.Others.Add(FakeSwarms.Member("bench", MemberState.Alive, NodeRole.Worker) with { RoundTrip = TimeSpan.FromMilliseconds(40) });
        node.Swarm.Others.Add(FakeSwarms.Member("gone", MemberState.Lost, NodeRole.Worker));
        node.Swarm.Others.Add(FakeSwarms.Member("another head", MemberState.Alive, NodeRole.Head));
        await using var run = Run("--json", "--split", "memory", "--min-workers", "1", "--address", node.Http.BaseAddress!.Authority);

        Assert.Equal(0, await run.ExitCodeAsync());
        var body = JsonNode.Parse(run.Output)!;
        Assert.Equal(2, body["nodes"]!.AsArray().Count);
        Assert.Equal("bench", (string)body["nodes"]![1]!["name"]!);
        Assert.Equal(5L << 30, (long)body["nodes"]![1]!["free_memory"]!);
        Assert.InRange((double)body["plans"]![0]!["prediction"]!["ms_per_token"]!, 40, 60);
        Assert.Null(body["note"]);
    }

    [Fact]
    public async Task Says_that_what_fits_is_not_split()
    {
        var rich = Nodes.Replace("\"6M\"", "\"6G\"", StringComparison.Ordinal);
        await using var run = Run("--nodes", Write("nodes.json", rich));

        Assert.Equal(0, await run.ExitCodeAsync());
        Assert.Contains("It fits into desk alone: 'run' splits it only if --split, --layers or --min-workers asks for it.", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asks_strategies_of_the_users()
    {
        var assembly = StrategyEmitter.Write(_folder.Path, ("Mine", "mine", false));
        await using var run = new RecordedRun(
            ["plan", Model, "--nodes", Write("nodes.json", Nodes), "--context", "64", "--json", "--strategy-assembly", assembly],
            new Dictionary<string, string> { ["MANAGEDSWARM_SPLIT"] = "mine" });

        await run.ExitCodeAsync();
        Assert.Equal("mine", (string)Assert.Single(JsonNode.Parse(run.Output)!["plans"]!.AsArray())!["strategy"]!);
    }

    [Fact]
    public async Task Reads_ranges_from_a_file()
    {
        var ranges = Write("ranges.json", """[{"node": "lap-id", "layers": "0..3"}]""");
        await using var run = Run("--nodes", Write("nodes.json", Nodes), "--context", "64", "--json", "--layers-file", ranges, "--split", "manual");

        Assert.Equal(0, await run.ExitCodeAsync());
        Assert.Equal(4, (int)Assert.Single(JsonNode.Parse(run.Output)!["plans"]![0]!["stages"]!.AsArray())!["end"]!);
    }

    [Theory]
    [InlineData("--split fast", 2, "--split: expected 'memory', 'speed', 'even' or 'manual', found 'fast'")]
    [InlineData("--split manual", 2, "--split: 'manual' needs --layers or --layers-file")]
    [InlineData("--split even --layers a=0..3", 2, "--split: expected 'manual', as --layers is given, found 'even'")]
    [InlineData("--layers a=0..3 --layers-file x.json", 2, "expected --layers or --layers-file, found both")]
    [InlineData("--layers a", 2, "--layers: expected a node and its layers such as desk=0..15")]
    [InlineData("--min-workers many", 2, "--min-workers: expected a whole number")]
    [InlineData("--prompt 0", 2, "--prompt: expected a whole number from 1")]
    [InlineData("--objective both", 2, "--objective: expected 'reply-time' or 'throughput'")]
    [InlineData("--nodes /nowhere/nodes.json", 1, "there is no file '/nowhere/nodes.json'")]
    [InlineData("--layers-file /nowhere/r.json", 1, "there is no file '/nowhere/r.json'")]
    [InlineData("--strategy-assembly /nowhere/s.dll", 1, "there is no strategy assembly '/nowhere/s.dll'")]
    public async Task Refuses_bad_options_in_one_line(string options, int exitCode, string says)
    {
        await using var run = Run(options.Split(' '));

        Assert.Contains(says, await run.FailsAsync(exitCode), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_a_file_that_is_no_model()
    {
        await using var none = new RecordedRun(["plan", "/nowhere/model.gguf"]);
        await using var other = new RecordedRun(["plan", Write("text.gguf", "no model")]);

        Assert.Contains("there is no file '/nowhere/model.gguf'", await none.FailsAsync(1), StringComparison.Ordinal);
        Assert.Contains("text.gguf", await other.FailsAsync(1), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static RecordedRun Run(params string[] options) => new(["plan", Model, .. options]);

    private static IEnumerable<string> Names(JsonNode node) => node.AsObject().Select(property => property.Key);

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.Path, name);
        File.WriteAllText(path, text);
        return path;
    }
}
