using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Server.P2p.Heads;
using Microsoft.Extensions.Time.Testing;

namespace ManagedSwarm.Tests.Server.P2p.Heads;

public sealed class TimedStageTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<(string Layers, double Ms)> _reports = [];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Measures_each_step_that_has_tokens(bool isLater)
    {
        await using var stage = new TimedStage(new SlowStage(_time, isLater), _time, (layers, took) => _reports.Add((layers.ToString(), took.TotalMilliseconds)));
        (await stage.StepAsync(Batch(1, new Segment(7, 0, 2)), TestContext.Current.CancellationToken)).Dispose();
        (await stage.StepAsync(Batch(2), TestContext.Current.CancellationToken)).Dispose();
        Assert.Equal([("2..4", 30.0)], _reports);
        Assert.Equal((new LayerRange(2, 3), 5), (stage.Layers, stage.StepsInFlight));
        Assert.Equal(TimeSpan.Zero, stage.PerLayer);
        (await stage.StepAsync(Batch(3, new Segment(7, 2, 1)), TestContext.Current.CancellationToken)).Dispose();
        Assert.Equal(TimeSpan.FromMilliseconds(10), stage.PerLayer);
    }

    [Fact]
    public async Task Measures_none_that_fails()
    {
        await using var stage = new TimedStage(new SlowStage(_time, isLater: true) { Fails = true }, _time, (_, _) => _reports.Add(("", 0)));
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => stage.StepAsync(Batch(1, new Segment(7, 0, 2)), TestContext.Current.CancellationToken).AsTask());
        Assert.Empty(_reports);
    }

    private static StepBatch Batch(long step, params Segment[] segments) => new(step, 0, [], segments, 4);

    private sealed class SlowStage(FakeTimeProvider time, bool isLater) : IStage
    {
        public bool Fails { get; init; }

        public LayerRange Layers => new(2, 3);

        public int StepsInFlight => 5;

        public async ValueTask<StepBatch> StepAsync(StepBatch batch, CancellationToken cancellationToken)
        {
            if (isLater)
            {
                await Task.Yield();
            }

            time.Advance(TimeSpan.FromMilliseconds(30));
            return Fails ? throw new InvalidOperationException("it fails") : batch;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
