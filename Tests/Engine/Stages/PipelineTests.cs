using System.Threading.Channels;
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
    public async Task Steps_enter_each_stage_in_their_order_whoever_is_done_first()
    {
        var (first, second) = (new GatedStage(0), new GatedStage(1));
        await using var pipeline = new Pipeline([first, second]);
        var runs = new List<Task<StepBatch>>();
        for (var step = 1; step <= 4; step++)
        {
            runs.Add(pipeline.StepAsync(new StepBatch(step, 0, [], [], 1), TestContext.Current.CancellationToken).AsTask());
        }

        Assert.Equal([1, 2, 3, 4], first.Entered);
        first.Release(2);
        first.Release(4);
        Assert.Empty(second.Entered);
        first.Release(1);
        await second.WaitForAsync(2);
        Assert.Equal([1, 2], second.Entered);
        first.Release(3);
        await second.WaitForAsync(2);
        Assert.Equal([1, 2, 3, 4], second.Entered);
        for (var step = 4; step >= 1; step--)
        {
            second.Release(step);
            using var result = await runs[step - 1];
            Assert.Equal(step, result.Step);
        }
    }

    [Fact]
    public async Task A_step_that_fails_on_its_way_lets_the_later_ones_pass()
    {
        var (first, second, third) = (new GatedStage(0), new GatedStage(1), new GatedStage(2));
        await using var pipeline = new Pipeline([first, second, third]);
        var runs = Enumerable.Range(1, 3).Select(step => pipeline.StepAsync(new StepBatch(step, 0, [], [], 1), TestContext.Current.CancellationToken).AsTask())
            .ToList();
        first.Release(3);
        first.Fail(2);
        await Assert.ThrowsAsync<IOException>(() => runs[1]);
        Assert.Empty(second.Entered);
        first.Release(1);
        await second.WaitForAsync(2);
        Assert.Equal([1, 3], second.Entered);
        second.Fail(1);
        await Assert.ThrowsAsync<IOException>(() => runs[0]);
        second.Release(3);
        await third.WaitForAsync(1);
        third.Release(3);
        using var result = await runs[2];
        Assert.Equal(3, result.Step);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 1, 1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 3)]
    [InlineData(4, 1, 3)]
    [InlineData(6, 1, 4, 1)]
    [InlineData(5, 2, 5)]
    public void Wants_as_many_steps_as_its_greediest_stage_and_one_for_each_that_is_here_beside_it(int expected, params int[] stages)
    {
        var pipeline = new Pipeline([.. stages.Select((steps, i) => new RecordedStage(i, 1, _log) { StepsInFlight = steps })]);
        Assert.Equal(expected, pipeline.StepsInFlight);
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

        public int StepsInFlight { get; init; } = 1;

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

    /// <summary>A stage of one layer that is done with a step when the test says so.</summary>
    private sealed class GatedStage(int layer) : IStage
    {
        private readonly Channel<long> _entering = Channel.CreateUnbounded<long>();
        private readonly Dictionary<long, (StepBatch Batch, TaskCompletionSource<StepBatch> Result)> _steps = [];

        public LayerRange Layers => new(layer, 1);

        public int StepsInFlight => 4;

        public List<long> Entered { get; } = [];

        public ValueTask<StepBatch> StepAsync(StepBatch batch, CancellationToken cancellationToken)
        {
            var result = new TaskCompletionSource<StepBatch>(TaskCreationOptions.RunContinuationsAsynchronously);
            Entered.Add(batch.Step);
            _steps.Add(batch.Step, (batch, result));
            _entering.Writer.TryWrite(batch.Step);
            return new ValueTask<StepBatch>(result.Task);
        }

        /// <summary>Waits until so many more have entered.</summary>
        public async Task WaitForAsync(int count)
        {
            for (; count > 0; count--)
            {
                await _entering.Reader.ReadAsync(TestContext.Current.CancellationToken);
            }
        }

        public void Release(long step) => _steps[step].Result.SetResult(_steps[step].Batch);

        public void Fail(long step)
        {
            _steps[step].Batch.Dispose();
            _steps[step].Result.SetException(new IOException("the cable was pulled"));
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
