using System.Runtime.InteropServices;
using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Stages.Logs;

namespace ManagedSwarm.Tests.Transport.Stages.Logs;

public sealed class BoundaryLogTests
{
    private const int HiddenSize = 64;
    private const int BlockLength = 4;
    private const int BlockBytes = BlockLength * HiddenSize * sizeof(float);

    private readonly BoundaryLog _log = new(HiddenSize, WireType.F32, BlockLength, capacityTokens: 15);

    public static TheoryData<SequenceOperation> Senseless => new()
    {
        { SequenceOperation.Open(1, 5) },
        { SequenceOperation.Fork(1, 2, 0, 5) },
        { SequenceOperation.Fork(3, 1, 3, 5) },
        { SequenceOperation.Fork(3, 9, 0, 5) },
        { SequenceOperation.Truncate(1, 3) },
        { SequenceOperation.Truncate(9, 0) },
        { new SequenceOperation((SequenceOperationKind)7, 1) },
    };

    [Fact]
    public void Keeps_a_step_as_it_was_sent_until_it_is_answered()
    {
        var batch = Step(3, [SequenceOperation.Open(1, 9)], [new(1, 0, 2)]);
        var sent = MemoryMarshal.AsBytes(batch.Hidden.Span).ToArray();
        _log.Record(batch, null, [new HopTime(1, 2)]);
        batch.Dispose();
        Assert.Null(_log.Find(2));
        var found = _log.Find(3)!;
        Assert.Equal((3, null), (found.Number, found.Failure));
        Assert.Equal([new Segment(1, 0, 2)], found.Segments.ToArray());
        Assert.Equal([new HopTime(1, 2)], found.Trace.ToArray());
        Assert.Equal(sent, found.Hidden.ToArray());
        Assert.Equal((null, sent.Length), (_log.Answered, _log.Bytes));
        Assert.Empty(_log.Replay(9));

        _log.Acknowledge(3);
        Assert.Null(_log.Find(3));
        Assert.Equal((3, BlockBytes), (_log.Answered, _log.Bytes));
        Assert.Equal(sent, Assert.Single(_log.Replay(9)).Hidden.ToArray());
    }

    [Fact]
    public void Of_a_step_that_failed_only_the_operations_count()
    {
        var batch = Step(0, [SequenceOperation.Open(1, 9)], [new(1, 0, 2)]);
        batch.Dispose();
        _log.Record(batch, StepFailure.CancelledAt(1), []);
        Assert.Equal(StepFailure.CancelledAt(1), _log.Find(0)!.Failure);
        Assert.Equal((0, 0), (_log.Find(0)!.Segments.Length, _log.Find(0)!.Hidden.Length));
        _log.Acknowledge(0);
        var replay = Assert.Single(_log.Replay(9));
        Assert.Equal([SequenceOperation.Open(1, 9)], replay.Operations.ToArray());
        Assert.Equal(0, replay.Segments.Length);
    }

    [Fact]
    public void Answers_of_earlier_steps_change_nothing()
    {
        Apply(5, [SequenceOperation.Open(1, 9)], []);
        _log.Acknowledge(-1);
        _log.Acknowledge(4);
        Assert.Equal(5, _log.Answered);
    }

    [Fact]
    public void Forgets_what_was_not_answered_and_takes_it_again()
    {
        Apply(0, [SequenceOperation.Open(1, 9)], [new(1, 0, 2)]);
        using var batch = Step(1, [SequenceOperation.Close(1)], []);
        _log.Record(batch, null, []);
        _log.ForgetPending();
        Assert.Null(_log.Find(1));
        _log.Acknowledge(0);
        Assert.Single(_log.Replay(9));
        _log.Record(batch, null, []);
        _log.Acknowledge(1);
        Assert.Empty(_log.Replay(9));
        Assert.Equal(0, _log.Bytes);
    }

    [Fact]
    public void Refuses_a_step_behind_a_later_one()
    {
        Apply(3, [SequenceOperation.Open(1, 9)], []);
        using var answered = Step(3, [], []);
        Assert.Equal("step_order", Assert.Throws<SwarmException>(() => _log.Record(answered, null, [])).Code);
        using var pending = Step(5, [], []);
        _log.Record(pending, null, []);
        using var behind = Step(4, [], []);
        Assert.Equal("step_order", Assert.Throws<SwarmException>(() => _log.Record(behind, null, [])).Code);
        Assert.Equal("step_order", Assert.Throws<SwarmException>(() => _log.Apply(behind, null)).Code);
    }

    [Fact]
    public void Refuses_hidden_states_of_another_size()
    {
        using var other = new StepBatch(0, 0, [], [], HiddenSize + 1);
        Assert.Equal("hidden_size", Assert.Throws<EngineException>(() => _log.Record(other, null, [])).Code);
        Assert.Equal("hidden_size", Assert.Throws<EngineException>(() => _log.Apply(other, null)).Code);
    }

    [Fact]
    public void Forks_share_blocks()
    {
        Apply(0, [SequenceOperation.Open(1, 20)], [new(1, 0, 8)]);
        Apply(1, [SequenceOperation.Fork(2, 1, 8, 20), SequenceOperation.Fork(3, 1, 6, 20)], []);
        Assert.Equal(2 * BlockBytes, _log.Bytes);
        Apply(2, [], [new(2, 8, 1), new(3, 6, 1)]);
        Assert.Equal(4 * BlockBytes, _log.Bytes);
        Assert.True(_log.IsComplete);
    }

    [Fact]
    public void What_does_not_fit_is_given_up_until_it_is_closed()
    {
        Apply(0, [SequenceOperation.Open(1, 20), SequenceOperation.Open(2, 20)], [new(1, 0, 8), new(2, 0, 8)]);
        Assert.True(_log.IsComplete);
        Apply(1, [], [new(1, 8, 1)]);
        Assert.Equal([1], _log.Untracked);
        Assert.Equal(2 * BlockBytes, _log.Bytes);
        Apply(2, [SequenceOperation.Fork(3, 1, 8, 20), SequenceOperation.Truncate(1, 2)], [new(1, 2, 1), new(2, 8, 4)]);
        Assert.Equal([1, 3], _log.Untracked.Order());
        Assert.Equal(12, _log.Replay(20).Single().Segments.ToArray().Single().TokenCount);
        Apply(3, [SequenceOperation.Close(1)], []);
        Assert.False(_log.IsComplete);
        Apply(4, [SequenceOperation.Close(3), SequenceOperation.Open(1, 20)], [new(1, 0, 4)]);
        Assert.True(_log.IsComplete);
        Assert.Equal([2, 1], _log.Replay(20).Single().Segments.ToArray().Select(segment => segment.Sequence));
    }

    [Theory]
    [MemberData(nameof(Senseless))]
    public void Gives_a_sequence_up_with_which_something_senseless_is_done(SequenceOperation operation)
    {
        Apply(0, [SequenceOperation.Open(1, 20), SequenceOperation.Open(2, 20)], [new(1, 0, 2)]);
        Apply(1, [operation], []);
        Assert.Equal([operation.Sequence], _log.Untracked);
        Assert.DoesNotContain(operation.Sequence, _log.Replay(9).Single().Operations.ToArray().Select(begun => begun.Sequence));
        Apply(2, [SequenceOperation.Close(operation.Sequence)], []);
        Assert.True(_log.IsComplete);
    }

    [Fact]
    public void Gives_a_sequence_up_that_has_a_gap()
    {
        Apply(0, [SequenceOperation.Open(1, 20)], [new(1, 0, 2), new(7, 0, 1)]);
        Apply(1, [], [new(1, 3, 1)]);
        Assert.Equal([1, 7], _log.Untracked.Order());
        Assert.Equal(0, _log.Bytes);
    }

    [Fact]
    public void Takes_memory_only_for_what_comes_and_gives_it_back()
    {
        var large = new BoundaryLog(HiddenSize, WireType.F32, blockLength: 32, capacityTokens: 1 << 20);
        Assert.Equal(0, large.Bytes);
        using var batch = Step(0, [SequenceOperation.Open(1, 9)], [new(1, 0, 33)]);
        large.Apply(batch, null);
        Assert.Equal(64 * HiddenSize * sizeof(float), large.Bytes);
        large.Clear();
        Assert.Equal((0, null, true), (large.Bytes, large.Answered, large.IsComplete));
        Assert.Empty(large.Replay(9));
        large.Apply(batch, null);
        Assert.Equal(0, large.Answered);
    }

    [Theory]
    [InlineData(WireType.F32)]
    [InlineData(WireType.F16)]
    [InlineData(WireType.Q8)]
    public void A_warm_step_of_one_token_allocates_nothing(WireType wire)
    {
        const int Start = 10;
        const int Length = 600;
        var log = new BoundaryLog(HiddenSize, wire, BlockLength, Length);
        using var batch = new StepBatch(0, 0, [SequenceOperation.Open(1, Length)], [new(1, 0, Start)], HiddenSize);
        log.Apply(batch, null);
        Assert.InRange(Decode(log, batch, Start, Length), 1, long.MaxValue);
        batch.Reset(1_000, 0, [SequenceOperation.Truncate(1, Start)], []);
        log.Apply(batch, null);
        Assert.Equal(0, Decode(log, batch, Start, Length));
        Assert.Equal(log.Answered, batch.Step - 1);
    }

    /// <returns>Bytes that were allocated.</returns>
    private static long Decode(BoundaryLog log, StepBatch batch, int position, int length)
    {
        var segments = new Segment[1];
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (; position < length; position++)
        {
            segments[0] = new(1, position, 1);
            batch.Reset(batch.Step + 1, 0, [], segments);
            log.Record(batch, null, [new HopTime(3, 4)]);

            // So one always is in flight.
            log.Acknowledge(batch.Step - 1);
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static StepBatch Step(long step, SequenceOperation[] operations, Segment[] segments)
    {
        var batch = new StepBatch(step, 0, operations, segments, HiddenSize);
        batch.Hidden.Span.Fill(step + 0.5f);
        return batch;
    }

    private void Apply(long step, SequenceOperation[] operations, Segment[] segments)
    {
        using var batch = Step(step, operations, segments);
        _log.Apply(batch, null);
    }
}
