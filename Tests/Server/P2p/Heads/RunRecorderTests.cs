using ManagedSwarm.Engine.Planning;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Server.P2p.Heads;
using ManagedSwarm.Tests.Engine.Generation;
using ManagedSwarm.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace ManagedSwarm.Tests.Server.P2p.Heads;

public sealed class RunRecorderTests : IDisposable
{
    private static readonly SplitProblem Problem = new()
    {
        Shape = new()
        {
            Name = "model",
            HiddenSize = 1,
            LayerWeightBytes = [1, 1],
            LayerFileBytes = [1, 1],
            HeadWeightBytes = 1,
            KvBytesPerLayer = 1,
            WorkspaceBytes = 1,
        },
        Nodes = [new() { Id = "head", Name = "head", IsHead = true, FreeMemory = 100 }, new() { Id = "lap", Name = "lap", FreeMemory = 100 }],
    };

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new();
    private readonly RunRecorder _recorder;

    public RunRecorderTests() => _recorder = new(File, "abc", "f32", _time);

    private string File => _folder.File("measured.json");

    public void Dispose()
    {
        _recorder.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Remembers_the_last_reply_of_a_plan()
    {
        var stages = Stages(SplitPlan.Whole(Problem));
        Assert.Null(_recorder.LatestOf(stages));
        _recorder.Add(stages, Reply(90, firstMs: 900, prompt: 30));
        var first = _recorder.LatestOf(stages)!;
        Assert.Equal((90, null), (first.MsPerToken, first.MsToFirstToken));
        _recorder.Add(stages, Reply(40, firstMs: 120, prompt: 30));
        _recorder.Add(stages, Reply(44));
        var latest = _recorder.LatestOf(stages)!;
        Assert.Equal((44, 120, 30), (latest.MsPerToken, latest.MsToFirstToken, latest.PromptTokens));
        Assert.Equal([new("head", 0, 2, null)], latest.Stages);
        _recorder.Add(stages, new(1, null, TimeSpan.Zero));
        Assert.Same(latest, _recorder.LatestOf(stages));
    }

    [Fact]
    public void Takes_nothing_from_layers_that_lay_elsewhere()
    {
        var before = Stages(SplitPlan.Whole(Problem));
        var after = Stages(SplitPlan.Create(Problem, [new("head", new(0, 1)), new("lap", new(1, 1))]));
        _recorder.Add(before, Reply(50));
        _recorder.Add(before, Reply(40, firstMs: 120, prompt: 30));
        Assert.Null(_recorder.LatestOf(after));
        _recorder.Add(after, Reply(44, prompt: 7));
        Assert.Null(_recorder.LatestOf(after)!.MsToFirstToken);
    }

    [Fact]
    public void Writes_now_and_then_and_at_the_end()
    {
        var stages = Stages(SplitPlan.Whole(Problem));
        Assert.Equal(40, Written(stages, 40));
        Assert.Equal(40, Written(stages, 41));
        _time.Advance(RunRecorder.WriteInterval);
        Assert.Equal(42, Written(stages, 42));
        Assert.Equal(42, Written(stages, 43));
        _recorder.Dispose();
        Assert.Equal(43, Assert.Single(MeasuredRuns.Read(File)).MsPerToken);
    }

    private static ReplyMeasurement Reply(double ms, double? firstMs = null, int prompt = 3) =>
        new(prompt, firstMs is { } first ? TimeSpan.FromMilliseconds(first) : null, TimeSpan.FromMilliseconds(ms));

    private static BuiltStages Stages(SplitPlan plan) => new(plan, new ToyStage(capacityTokens: 4), []);

    private double Written(BuiltStages stages, double ms)
    {
        _recorder.Add(stages, Reply(ms));
        return Assert.Single(MeasuredRuns.Read(File)).MsPerToken;
    }
}
