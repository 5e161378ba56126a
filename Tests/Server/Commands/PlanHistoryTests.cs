using System.Text.Json.Nodes;
using ManagedSwarm.Gguf;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Server.P2p.Heads;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Server.Commands;

/// <summary><c>plan</c> beside what runs have measured.</summary>
public sealed class PlanHistoryTests : IDisposable
{
    private const string Nodes = """
        {"nodes": [
          {"name": "desk", "id": "desk", "free_memory": "60M", "decode_ms_per_layer": 0.5},
          {"name": "lap", "id": "lap-id", "free_memory": "120M", "decode_ms_per_layer": 2, "prefill_ms_per_token_per_layer": 0.1}
        ]}
        """;

    private readonly TemporaryFolder _folder = new();

    private static string Model => Repository.File("models-test/tales.q8_0.gguf");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Shows_what_the_last_run_of_a_plan_was_like()
    {
        var hash = Remember(("desk", 0, 2, 0.25), ("lap-id", 2, 4, 3), msPerToken: 8, msToFirstToken: 60);
        string[] options =
        [
            "--nodes", Write("nodes.json", Nodes.Replace(", \"decode_ms_per_layer\": 0.5", "", StringComparison.Ordinal)),
            "--context", "64", "--layers", "desk=0..1", "--layers", "lap-id=2..3", "--split", "manual",
        ];
        await using var table = RunHere(options);
        await using var json = RunHere([.. options, "--json"]);

        Assert.Equal(0, await table.ExitCodeAsync());
        Assert.Matches(
            @"manual, as it ran last: predicted \d+\.\d+ ms per token, measured 8\.00 ms \([+-]\d+ %\); "
            + @"predicted \d+\.\d+ ms to the first token of 37, measured 60\.0 ms \([+-]\d+ %\)",
            table.Output);
        Assert.Equal(0, await json.ExitCodeAsync());
        var body = JsonNode.Parse(json.Output)!;

        // What the file says comes before what was measured.
        Assert.All(body["nodes"]!.AsArray(), node => Assert.False((bool)node!["is_estimated"]!));
        var plan = body["plans"]![0]!;
        var (predicted, measured) = ((double)plan["prediction"]!["ms_per_token"]!, plan["measured"]!);
        Assert.InRange(predicted, (2 * 0.25) + (2 * 2), (2 * 0.25) + (2 * 2) + 3);
        Assert.Equal((8 / predicted) - 1, (double)measured["ms_per_token_error"]!, 1e-9);
        Assert.Equal((8, 37, 60), ((double)measured["ms_per_token"]!, (int)measured["prompt_tokens"]!, (double)measured["ms_to_first_token"]!));
        Assert.True((double)measured["predicted_ms_to_first_token"]! < (double)plan["prediction"]!["ms_to_first_token"]! / 5, body.ToJsonString());
        Assert.Equal(
            (60 / (double)measured["predicted_ms_to_first_token"]!) - 1, (double)measured["ms_to_first_token_error"]!, 1e-9);
        Assert.Equal(64, hash.Length);
    }

    [Theory]
    [InlineData("--wire q8 --layers desk=0..1 --layers lap-id=2..3")]
    [InlineData("--wire f32 --layers desk=0..0 --layers lap-id=1..3")]
    public async Task Compares_no_other_plan(string options)
    {
        Remember(("desk", 0, 2, 0.25), ("lap-id", 2, 4, 3), msPerToken: 8, msToFirstToken: null);
        await using var run = RunHere(["--nodes", Write("nodes.json", Nodes), "--context", "64", "--split", "manual", "--json", .. options.Split(' ')]);

        Assert.Equal(0, await run.ExitCodeAsync());
        Assert.Null(JsonNode.Parse(run.Output)!["plans"]![0]!["measured"]);
    }

    [Fact]
    public async Task Counts_what_hidden_states_take_on_the_wire()
    {
        string[] options = ["--nodes", Write("nodes.json", Nodes.Replace("]}", "], \"other_links\": {\"mbit_per_s\": 1}}", StringComparison.Ordinal)), "--context", "64"];
        var times = new List<double>();
        foreach (var wire in new[] { "f32", "f16", "q8" })
        {
            await using var run = RunHere([.. options, "--layers", "desk=0..1", "--layers", "lap-id=2..3", "--split", "manual", "--json", "--wire", wire]);
            Assert.Equal(0, await run.ExitCodeAsync());
            times.Add((double)JsonNode.Parse(run.Output)!["plans"]![0]!["prediction"]!["ms_per_token"]!);
        }

        // Of four bytes, f16 spares two, and q8 all but 36/32.
        Assert.Equal((4 - (36.0 / 32)) / 2, (times[0] - times[2]) / (times[0] - times[1]), 1e-6);
    }

    /// <summary>With the test's folder as the user's configuration.</summary>
    private RecordedRun RunHere(params string[] options) => new(
        ["plan", Model, .. options], configure: context => context with { Folders = new(_folder.Path, null) });

    /// <summary>As a run of the model over two nodes would have left it.</summary>
    /// <returns>The model's hash.</returns>
    private string Remember(
        (string Node, int First, int End, double Ms) one, (string Node, int First, int End, double Ms) two, double msPerToken, double? msToFirstToken)
    {
        using var file = GgufFile.Open(Model);
        var hash = new ModelIdentityCache(NodeFolders.IdentitiesIn(_folder.Path)).FindOrCompute(file, null, TestContext.Current.CancellationToken).Hash;
        var stages = new[] { one, two }.Select(stage => new MeasuredStage(stage.Node, stage.First, stage.End, stage.Ms)).ToArray();
        Assert.True(MeasuredRuns.TryAdd(
            NodeFolders.MeasuredIn(_folder.Path), new(hash, "f32", stages, msPerToken, 37, msToFirstToken, DateTime.UnixEpoch)));
        return hash;
    }

    private string Write(string name, string text)
    {
        File.WriteAllText(_folder.File(name), text);
        return _folder.File(name);
    }
}
