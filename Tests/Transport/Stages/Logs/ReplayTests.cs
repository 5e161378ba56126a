using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Stages.Logs;

namespace ManagedSwarm.Tests.Transport.Stages.Logs;

/// <summary>A fresh stage that computes a replay knows what the lost one knew, and needs no more room for it.</summary>
public sealed class ReplayTests
{
    private const int HiddenSize = 3;
    private const int BlockLength = 4;
    private const int MaxLength = 50;

    /// <summary>What the steps can never fill.</summary>
    private const int ManyBlocks = 256;

    public static TheoryData<WireType, int> Programs()
    {
        var data = new TheoryData<WireType, int>();
        foreach (var wire in Enum.GetValues<WireType>())
        {
            for (var seed = 0; seed < 40; seed++)
            {
                data.Add(wire, seed);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void Gives_a_fresh_stage_all_sequences_as_they_were_when_answered(WireType wire, int seed)
    {
        var program = new Program(wire, seed, ManyBlocks);
        for (var i = 0; i < 150; i++)
        {
            program.Step();
            Assert.True(program.Log.IsComplete);
            program.AssertReplay();
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Gives_those_that_fit_where_not_all_do(int seed)
    {
        var program = new Program(WireType.F16, seed, blocks: 20);
        var incomplete = 0;
        for (var i = 0; i < 1_000; i++)
        {
            program.Step();
            program.AssertReplay();
            incomplete += program.Log.IsComplete ? 0 : 1;
        }

        // It becomes whole again when those that did not fit are closed.
        Assert.InRange(incomplete, 50, 995);
    }

    [Fact]
    public void Shares_a_block_that_is_not_full_whoever_is_longer()
    {
        var log = new BoundaryLog(HiddenSize, WireType.F32, BlockLength, 100);
        Apply(log, 0, [SequenceOperation.Open(1, 20)], [new(1, 0, 7)]);
        Apply(log, 1, [SequenceOperation.Fork(2, 1, 7, 30), SequenceOperation.Fork(3, 1, 4, 40), SequenceOperation.Truncate(1, 5)], []);
        var steps = log.Replay(5).ToList();
        Assert.Equal([[new(2, 0, 5)], [new(2, 5, 2)], []], steps.Select(part => part.Segments.ToArray()));
        Assert.Equal([SequenceOperation.Open(2, 30)], steps[0].Operations.ToArray());
        Assert.Equal([SequenceOperation.Fork(1, 2, 5, 20), SequenceOperation.Fork(3, 2, 4, 40)], steps[2].Operations.ToArray());
    }

    [Fact]
    public void Several_sequences_share_a_step()
    {
        var log = new BoundaryLog(HiddenSize, WireType.F32, BlockLength, 100);
        Apply(log, 0, [SequenceOperation.Open(1, 9), SequenceOperation.Open(2, 9), SequenceOperation.Open(3, 9)], [new(1, 0, 5), new(2, 0, 4)]);
        var steps = log.Replay(6).ToList();
        Assert.Equal([[new(1, 0, 5), new(2, 0, 1)], [new(2, 1, 3)]], steps.Select(part => part.Segments.ToArray()));
        Assert.Equal(SequenceOperation.Open(3, 9), steps[1].Operations.ToArray()[^1]);
    }

    [Fact]
    public void Is_over_when_the_log_has_changed()
    {
        var log = new BoundaryLog(HiddenSize, WireType.F32, BlockLength, 100);
        Apply(log, 0, [SequenceOperation.Open(1, 20)], [new(1, 0, 7)]);
        using var replay = log.Replay(2).GetEnumerator();
        Assert.True(replay.MoveNext());
        using var pending = new StepBatch(1, 0, [], [new(1, 7, 1)], HiddenSize);
        log.Record(pending, null, []);
        Assert.True(replay.MoveNext());
        log.Acknowledge(1);
        Assert.Throws<InvalidOperationException>(() => replay.MoveNext());
    }

    [Fact]
    public void Takes_at_least_one_token_per_step() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new BoundaryLog(HiddenSize, WireType.F32, BlockLength, 100).Replay(0));

    private static void Apply(BoundaryLog log, long step, SequenceOperation[] operations, Segment[] segments)
    {
        using var batch = new StepBatch(step, 0, operations, segments, HiddenSize);
        batch.Hidden.Span.Fill(step);
        log.Apply(batch, null);
    }

    /// <summary>A log, and the stage whose steps it keeps.</summary>
    private sealed class Program(WireType wire, int seed, int blocks)
    {
        private readonly Random _random = new(seed);
        private readonly RandomSteps _steps = new(new Random(seed + 1_000), HiddenSize, MaxLength);
        private readonly Queue<(StepBatch Batch, bool HasFailed)> _inFlight = [];
        private readonly StageModel _lost = new(HiddenSize, wire, BlockLength, ManyBlocks);

        public BoundaryLog Log { get; } = new(HiddenSize, wire, BlockLength, blocks * BlockLength);

        /// <summary>Sends a step, and answers some.</summary>
        public void Step()
        {
            var (batch, hasFailed) = _steps.Next();
            _inFlight.Enqueue((batch, hasFailed));
            if (hasFailed)
            {
                batch.Dispose();
            }

            Log.Record(batch, hasFailed ? StepFailure.CancelledAt(0) : null, []);
            var answers = _random.Next(5) == 0 ? _inFlight.Count : _random.Next(_inFlight.Count);
            for (var answer = 1; answer <= answers; answer++)
            {
                Answer(isLast: answer == answers);
            }
        }

        public void AssertReplay()
        {
            var fresh = new StageModel(HiddenSize, wire, BlockLength, ManyBlocks);
            var tokensPerStep = _random.Next(1, 20);
            foreach (var step in Log.Replay(tokensPerStep))
            {
                Assert.InRange(step.Segments.ToArray().Sum(segment => segment.TokenCount), 0, tokensPerStep);
                Assert.Equal(step.Segments.Length, step.Segments.ToArray().DistinctBy(segment => segment.Sequence).Count());
                fresh.Step(step);
            }

            _lost.AssertEqual(fresh, Log.Untracked);
            Assert.Empty(Log.Untracked.Except(_lost.Sequences.Keys));
            Assert.InRange(fresh.UsedBlocks, 0, Log.IsComplete ? _lost.UsedBlocks : blocks);
        }

        /// <summary>The log hears of several answers at once.</summary>
        private void Answer(bool isLast)
        {
            var (batch, hasFailed) = _inFlight.Dequeue();
            Assert.Equal(hasFailed, Log.Find(batch.Step)!.Failure is not null);
            _lost.Step(batch, hasFailed);
            batch.Dispose();
            if (isLast)
            {
                Log.Acknowledge(batch.Step);
                Assert.Equal(batch.Step, Log.Answered);
            }
        }
    }
}
