using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Tests.Engine.Stages;

public sealed class StepBatchTests
{
    public static TheoryData<Segment[]> Impossible => new()
    {
        { [new Segment(1, 0, 0)] },
        { [new Segment(1, 0, -5), new Segment(2, 0, 6)] },
        { [new Segment(1, -1, 1)] },
        { [new Segment(1, int.MaxValue, 1)] },
        { [new Segment(1, 0, 4), new Segment(2, 0, 1), new Segment(1, 2, 1)] },
        { [new Segment(1, 0, int.MaxValue)] },
        { [new Segment(1, 0, 1 << 30), new Segment(2, 0, 1 << 30), new Segment(3, 0, 1 << 30), new Segment(4, 0, 1 << 30)] },
    };

    [Theory]
    [MemberData(nameof(Impossible))]
    public void Rejects_segments_that_no_stage_could_compute(Segment[] segments)
    {
        var error = Assert.Throws<EngineException>(() => new StepBatch(7, 0, [], segments, hiddenSize: 2));
        Assert.Equal("invalid_step", error.Code);
        Assert.Contains("step 7", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Has_a_row_for_each_token_until_it_is_disposed()
    {
        var batch = new StepBatch(0, 0, [], [new Segment(1, 0, 3), new Segment(2, 9, 1)], hiddenSize: 5);
        Assert.Equal((4, 20), (batch.TokenCount, batch.Hidden.Length));
        batch.Dispose();
        batch.Dispose();
        Assert.Throws<ObjectDisposedException>(() => batch.Hidden);
    }
}
