using System.Text.Json.Nodes;
using ManagedSwarm.Server.Drills;

namespace ManagedSwarm.Tests.Server.Drills;

public sealed class DrillViewTests
{
    private static readonly DrillRow Survived = new(new([1, 3], DrillFault.Stop, 50))
    {
        ContextTokens = 562,
        From = ["w1", "w3"],
        To = ["w4", "w2"],
        Detected = TimeSpan.FromMilliseconds(980.25),
        Pause = TimeSpan.FromSeconds(1.5),
        Usual = TimeSpan.FromMilliseconds(20),
        Rebuilt = 562,
        MovedBytes = 4096,
        IsSame = true,
        IsSameAfterwards = true,
    };

    private static readonly DrillRow Failed = new(new([2], DrillFault.Kill, 0)) { Error = "nobody [red]has[/] room" };

    private static readonly DrillRow Skipped = new(new([2], DrillFault.Reset, 0), "there is no 'ss'");

    [Fact]
    public void Shows_a_row_for_each_action()
    {
        var output = new StringWriter();

        DrillView.WriteTable(output, [Survived, Failed, Skipped]);

        Assert.Equal(
            ["1+3", "stop", "50", "562", "w1, w3", "w4, w2", "980.3 ms", "1.50 s", "20.0 ms", "562", "4 KiB", "yes", "yes"],
            CellsOf(output, "stop"));
        Assert.Equal(["2", "kill", "prefill", "0", "", "", "", "", "", "0", "", "NO", "NO"], CellsOf(output, "kill"));
        Assert.Equal(["2", "reset", "prefill", "", "", "", "", "", "", "", "", "", "skipped"], CellsOf(output, "reset"));
        Assert.Contains("kill stage 2 at prefill: failed: nobody [red]has[/] room", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("reset stage 2 at prefill: skipped: there is no 'ss'", output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("stop stage", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Prints_json_with_stable_names()
    {
        var output = new StringWriter();
        var plan = new DrillPlan { Model = "/folder/tales.gguf", LayerCount = 4, VocabularySize = 512, Spares = 1 };

        DrillView.WriteJson(output, plan, [Survived, Skipped]);

        var body = JsonNode.Parse(output.ToString())!.AsObject();
        Assert.Equal(
            ["model", "layers", "workers", "spares", "prompt_tokens", "reply_tokens", "seed", "is_fine", "actions"], body.Select(pair => pair.Key));
        Assert.Equal(("tales.gguf", true), ((string)body["model"]!, (bool)body["is_fine"]!));
        var row = body["actions"]![0]!.AsObject();
        Assert.Equal(
            [
                "stages", "how", "at", "skipped", "context_tokens", "from", "to", "detected_ms", "pause_ms", "usual_ms", "replayed_tokens",
                "moved_bytes", "is_same", "is_same_afterwards", "error",
            ],
            row.Select(pair => pair.Key));
        Assert.Equal(("stop", 50, 1500, 4096), ((string)row["how"]!, (int)row["at"]!, (int)row["pause_ms"]!, (int)row["moved_bytes"]!));
        Assert.Null(row["skipped"]);
        Assert.Equal("there is no 'ss'", (string)body["actions"]![1]!["skipped"]!);
    }

    [Fact]
    public void Is_not_fine_where_a_reply_is_another()
    {
        Assert.True(Survived.IsFine);
        Assert.False((Survived with { IsSame = false }).IsFine);
        Assert.False((Survived with { IsSameAfterwards = false }).IsFine);
        Assert.False(Failed.IsFine);
    }

    private static string[] CellsOf(StringWriter output, string how) =>
        output.ToString().Split('\n').Single(line => line.Contains($"│ {how} ", StringComparison.Ordinal)).Split('│', StringSplitOptions.TrimEntries)[1..^1];
}
