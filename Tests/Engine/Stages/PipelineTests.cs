using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Tests.Engine.Stages;

public sealed class PipelineTests
{
    private readonly List<string> _log = [];

    [Fact]
    public async Task Runs_its_stages_in_order_and_disposes_them_all()
    {
        var pipeline = new Pipeline([new RecordedStage(2, 3, _log), new RecordedStage(5, 1, _log)]);
        Assert.Equal(new LayerRange(2, 4), pipeline.Layers);
        using var batch = new StepBatch(0, 0, [], [], 1);
        Assert.Same(batch, await pipeline.StepAsync(batch, TestContext.Current.CancellationToken));
        await pipeline.DisposeAsync();
        Assert.Equal(["step 2..4", "step 5..5", "dispose 2..4", "dispose 5..5"], _log);
    }

    [Fact]
    public async Task A_stage_that_cannot_be_disposed_does_not_keep_the_others()
    {
        var pipeline = new Pipeline([new RecordedStage(0, 1, _log) { IsBroken = true }, new RecordedStage(1, 1, _log)]);
        await Assert.ThrowsAsync<IOException>(async () => await pipeline.DisposeAsync());
        Assert.Equal(["dispose 0..0", "dispose 1..1"], _log);
    }

    [Fact]
    public void Rejects_a_gap_an_overlap_and_nothing_at_all()
    {
        foreach (var stages in (IStage[][])[[], [Stage(0, 2), Stage(3, 1)], [Stage(0, 2), Stage(1, 1)], [Stage(1, 1), Stage(0, 1)]])
        {
            Assert.Equal("layer_range", Assert.Throws<EngineException>(() => new Pipeline(stages)).Code);
        }
    }

    private RecordedStage Stage(int first, int count) => new(first, count, _log);

    private sealed class RecordedStage(int first, int count, List<string> log) : IStage
    {
        public bool IsBroken { get; init; }

        public LayerRange Layers { get; } = new(first, count);

        public ValueTask<StepBatch> StepAsync(StepBatch batch, CancellationToken cancellationToken)
        {
            log.Add($"step {Layers}");
            return ValueTask.FromResult(batch);
        }

        public ValueTask DisposeAsync()
        {
            log.Add($"dispose {Layers}");
            return IsBroken ? throw new IOException("the cable was pulled") : ValueTask.CompletedTask;
        }
    }
}
