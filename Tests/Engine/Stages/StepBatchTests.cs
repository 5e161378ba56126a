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

    [Fact]
    public void Finds_a_second_segment_among_many()
    {
        Segment[] segments = [.. Enumerable.Range(0, 1000).Select(i => new Segment(i, 0, 1))];
        using var batch = new StepBatch(0, 0, [], segments, hiddenSize: 1);
        segments[999] = new Segment(3, 5, 1);
        Assert.Contains("sequence 3", Assert.Throws<EngineException>(() => batch.Reset(1, 0, [], segments)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Is_filled_again_for_the_next_step_without_allocating()
    {
        SequenceOperation[] operations = [SequenceOperation.Close(3)];
        Segment[] one = [new(1, 0, 3)];
        Segment[] two = [new(1, 3, 1), new(2, 0, 500)];
        using var batch = new StepBatch(0, 0, operations, one, hiddenSize: 5);
        batch.Reset(1, 7, [], two);
        Assert.Equal((1, 7, 501, 2505), (batch.Step, batch.Epoch, batch.TokenCount, batch.Hidden.Length));
        Assert.Equal((0, 2), (batch.Operations.Length, batch.Segments.Length));

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var step = 2; step < 100; step++)
        {
            batch.Reset(step, 7, operations, step % 2 == 0 ? one : two);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(two, batch.Segments);
        Assert.Equal(operations, batch.Operations);
        batch.Dispose();
        Assert.Throws<ObjectDisposedException>(() => batch.Reset(100, 7, [], one));
    }
}
