using System.Text.Json.Nodes;
using ManagedSwarm.Tests.Server.Commands;

namespace ManagedSwarm.Tests.Server.EndToEnd;

/// <summary>The drill on real processes: workers are lost, replies stay the same.</summary>
public sealed class DrillTests
{
    [Theory]
    [InlineData("kill", "stage=1")]
    [InlineData("stop", "stage=2")]
    public async Task Replies_stay_the_same_where_a_worker_is_lost(string how, string stage)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "needs signals");
        await using var run = new RecordedRun(
            [
                "drill", ServedFile.Tales, "--workers", "2", "--spares", "1", "--how", how, "--kill", stage, "--at", "prefill", "--at", "12",
                "--prompt", "100", "--tokens", "32", "--json",
            ]);

        // As long as the drill's own limits let it take.
        var actions = JsonNode.Parse("{" + await run.LineAsync("{"))!["actions"]!.AsArray();

        Assert.Equal([0, 12], actions.Select(action => (int)action!["at"]!));
        Assert.All(actions, action =>
        {
            Assert.True((bool)action!["is_same"]!, action.ToJsonString() + run.Error);
            Assert.True((bool)action["is_same_afterwards"]!, action.ToJsonString() + run.Error);
            Assert.NotEqual((string)action["from"]![0]!, (string)action["to"]![0]!);
        });
        Assert.Equal(0, await run.ExitCodeAsync());
    }
}
