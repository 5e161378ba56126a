using System.CommandLine;
using ManagedSwarm.Server.Commands;
using ManagedSwarm.Server.Drills;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Server.Commands;

public sealed class DrillCommandTests
{
    private static string Model => Repository.File("models-test/tales.q8_0.gguf");

    [Theory]
    [InlineData("--kill 2", "--kill: expected a stage such as 'stage=2'")]
    [InlineData("--kill stage=", "found 'stage='")]
    [InlineData("--kill stage=0", "found 'stage=0'")]
    [InlineData("--kill stage=1+1", "found 'stage=1+1'")]
    [InlineData("--kill stage=4", "--kill: expected a stage from 1 to 3, as --workers has it, found 4")]
    [InlineData("--at never", "--at: expected a whole number from 0 to 1048576, or 'prefill', found 'never'")]
    [InlineData("--at 40 --tokens 40", "--at: expected less than the 40 tokens of the reply (--tokens), found 40")]
    [InlineData("--how gently", "--how: expected 'kill', 'stop', 'reset', 'slow' or 'term', found 'gently'")]
    [InlineData("--workers 5", "--workers: expected at most 4, as the model has so many layers, found 5")]
    [InlineData("--spares -1", "--spares")]
    public async Task Refuses_bad_options_in_one_line(string options, string says)
    {
        await using var run = new RecordedRun(["drill", Model, .. options.Split(' ')]);

        Assert.Contains(says, await run.FailsAsync(exitCode: 2), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_that_a_model_cannot_be_read()
    {
        await using var run = new RecordedRun(["drill", "nowhere.gguf"]);

        Assert.Contains("nowhere.gguf", await run.FailsAsync(exitCode: 1), StringComparison.Ordinal);
    }

    [Fact]
    public void Hits_each_stage_by_kill_where_nothing_else_is_asked_for()
    {
        var plan = Read();

        Assert.Equal((3, 0, 64, 100, 1, 1, false), (plan.Workers, plan.Spares, plan.PromptTokens, plan.ReplyTokens, plan.Seed, plan.Rounds, plan.HaveFile));
        Assert.Equal(["kill stage 1 at 50", "kill stage 2 at 50", "kill stage 3 at 50"], plan.Actions.Select(action => action.ToString()));
    }

    [Fact]
    public void Does_each_fault_at_each_time_to_each_stage()
    {
        var plan = Read("--kill", "stage=2", "--kill", "stage=1+3", "--at", "prefill", "--at", "7", "--how", "stop", "--how", "slow", "--weights", "file");

        Assert.True(plan.HaveFile);
        Assert.Equal(
            [
                "stop stage 2 at prefill", "stop stage 1+3 at prefill", "stop stage 2 at 7", "stop stage 1+3 at 7",
                "slow stage 2 at prefill", "slow stage 1+3 at prefill", "slow stage 2 at 7", "slow stage 1+3 at 7",
            ],
            plan.Actions.Select(action => action.ToString()));
    }

    private static DrillPlan Read(params string[] options)
    {
        var command = new Command("drill");
        foreach (var option in DrillOptions.All)
        {
            command.Options.Add(option.CreateOption());
        }

        return DrillOptions.Read(Model, new OptionValues(command.Parse(options), _ => null));
    }
}
