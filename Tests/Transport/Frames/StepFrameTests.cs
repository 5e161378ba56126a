using System.Buffers;
using System.Runtime.InteropServices;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Stages.Logs;

namespace ManagedSwarm.Tests.Transport.Frames;

/// <summary>A step arrives bit for bit as it left, or not at all.</summary>
public sealed class StepFrameTests
{
    private readonly StepFrameReader _reader = new(FrameBytes.HiddenSize, WireType.F32, FrameLimits.Default);
    private readonly List<HopTime> _trace = [];

    [Fact]
    public void Comes_back_bit_for_bit_however_its_bytes_are_split()
    {
        using var sent = FrameBytes.SampleStep();
        var body = FrameBytes.SampleStepFrame().AsMemory(FramePrefix.Size);
        for (var at = 0; at <= body.Length; at++)
        {
            using var received = _reader.Read(FrameBytes.Split(body, at), _trace);
            AssertEqual(sent, received);
            Assert.Equal(FrameBytes.SampleTrace, _trace);
            Assert.Equal((null, FrameBytes.SampleAnswered, false), (_reader.Failure, _reader.Answered, _reader.IsReplay));
        }

        using var crumbs = _reader.Read(FrameBytes.Crumbs(body), _trace);
        AssertEqual(sent, crumbs);
    }

    [Fact]
    public void Fills_a_batch_that_is_given_to_it()
    {
        using var sent = FrameBytes.SampleStep();
        using var reuse = new StepBatch(0, 0, [], [new Segment(9, 9, 9)], FrameBytes.HiddenSize);
        Assert.Same(reuse, _reader.Read(FrameBytes.Body(FrameBytes.SampleStepFrame()), _trace, reuse));
        AssertEqual(sent, reuse);
    }

    [Fact]
    public void Carries_operations_alone()
    {
        using var sent = new StepBatch(1, 2, [SequenceOperation.Close(3)], [], FrameBytes.HiddenSize);
        using var received = _reader.Read(FrameBytes.Body(FrameBytes.Written(frames => new StepFrameWriter(frames, WireType.F32).Write(sent, 2, -1, []))), _trace);
        AssertEqual(sent, received);
    }

    [Fact]
    public void Goes_on_without_segments_where_it_is_not_to_be_computed()
    {
        using var sent = FrameBytes.SampleStep();
        using var received = _reader.Read(FrameBytes.Body(FrameBytes.SampleFailedFrame()), _trace);
        Assert.Equal(FrameBytes.SampleFailure, _reader.Failure);
        Assert.Equal((sent.Step, sent.Epoch, 0), (received.Step, received.Epoch, received.TokenCount));
        Assert.Equal(sent.Operations.ToArray(), received.Operations.ToArray());
        using var next = _reader.Read(FrameBytes.Body(FrameBytes.SampleStepFrame()), _trace);
        Assert.Null(_reader.Failure);
    }

    [Fact]
    public void Is_sent_again_as_it_was()
    {
        using var sent = FrameBytes.SampleStep();
        var logged = new LoggedStep();
        logged.Fill(sent, null, FrameBytes.SampleTrace, WireType.F32);
        Assert.Equal(FrameBytes.SampleStepFrame(), FrameBytes.Written(frames =>
            new StepFrameWriter(frames, WireType.F32).WriteLogged(logged, sent.Epoch, FrameBytes.SampleAnswered)));
        logged.Empty();
        sent.Dispose();
        logged.Fill(sent, FrameBytes.SampleFailure, FrameBytes.SampleTrace, WireType.F32);
        Assert.Equal(FrameBytes.SampleFailedFrame(), FrameBytes.Written(frames =>
            new StepFrameWriter(frames, WireType.F32).WriteLogged(logged, sent.Epoch, FrameBytes.SampleAnswered)));
    }

    [Fact]
    public void Is_told_from_a_replay_of_the_same_layout()
    {
        using var sent = FrameBytes.SampleStep();
        using var replay = _reader.Read(FrameBytes.Body(FrameBytes.SampleReplayFrame()), _trace);
        Assert.Equal((0, sent.Epoch, true, -1, null), (replay.Step, replay.Epoch, _reader.IsReplay, _reader.Answered, _reader.Failure));
        Assert.Empty(_trace);
        AssertSameWork(sent, replay);
        using var next = _reader.Read(FrameBytes.Body(FrameBytes.SampleStepFrame()), _trace);
        Assert.False(_reader.IsReplay);
    }

    [Fact]
    public void Is_refused_when_a_replay_has_failed()
    {
        var frame = FrameBytes.SampleFailedFrame();
        frame[FramePrefix.Size] = (byte)FrameKind.Replay;
        Assert.Contains("kv_cache_full", Refused(FrameBytes.Body(frame)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Is_refused_when_no_such_step_can_have_been_answered() =>
        Assert.Contains("is -2", Refused(Step(3, 0, [(1, 0, 1)], 12, answered: -2)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_failures_text_is_cut_and_cleaned()
    {
        using var sent = new StepBatch(1, 0, [], [], FrameBytes.HiddenSize);
        var failure = new StepFailure(1, new string('c', 1_000), "a\u001b[2J" + new string('x', 100_000));
        var frame = FrameBytes.Written(frames => new StepFrameWriter(frames, WireType.F32).WriteFailed(sent, 0, -1, failure, []));
        using var received = _reader.Read(FrameBytes.Body(frame), _trace);
        Assert.Equal((64, 1_024), (_reader.Failure!.Code.Length, _reader.Failure.Text.Length));
        Assert.StartsWith("a?[2Jx", _reader.Failure.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new int[] { 1 }, "1 elements")]
    [InlineData(new int[] { 1, -1 }, "-1 microseconds")]
    public void Is_refused_when_its_trace_cannot_be(int[] trace, string found) =>
        Assert.Contains(found, Refused(Step(3, 0, [(1, 0, 1)], 12, trace)).Message, StringComparison.Ordinal);

    [Fact]
    public void Is_refused_when_its_trace_has_more_hops_than_a_plan_has_stages() =>
        Assert.Contains("130 elements", Refused(Step(3, 0, [(1, 0, 1)], 12, new int[130])).Message, StringComparison.Ordinal);

    [Fact]
    public void Is_refused_when_any_part_is_missing_or_added()
    {
        var body = FrameBytes.Body(FrameBytes.SampleStepFrame());
        for (var cut = 0; cut < body.Length; cut++)
        {
            Assert.Equal("invalid_frame", Refused(body.Slice(0, cut)).Code);
        }

        Assert.Equal("invalid_frame", Refused(new([.. body.ToArray(), 0])).Code);
    }

    [Theory]
    [InlineData(2, 0, 12, "2 floats")]
    [InlineData(3, 0, 8, "8 bytes")]
    [InlineData(3, 0, 16, "16 bytes")]
    [InlineData(3, 0, 13, "13 bytes")]
    [InlineData(3, 4, 12, "kind 4")]
    [InlineData(3, -1, 12, "kind -1")]
    public void Is_refused_when_its_parts_do_not_agree(int hiddenSize, int operation, int bytes, string found)
    {
        var exception = Refused(Step(hiddenSize, operation, [(1, 0, 1)], bytes));
        Assert.Equal("invalid_frame", exception.Code);
        Assert.Contains(found, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Is_refused_when_no_stage_could_compute_it()
    {
        Assert.Contains("no tokens", Refused(Step(3, 0, [(1, 0, 0)], 0)).Message, StringComparison.Ordinal);
        Assert.Contains("no tokens", Refused(Step(3, 0, [(1, 0, 2), (2, 0, -1)], 12)).Message, StringComparison.Ordinal);
        Assert.Contains("positions", Refused(Step(3, 0, [(1, -1, 1)], 12)).Message, StringComparison.Ordinal);
        Assert.Contains("two segments", Refused(Step(3, 0, [(1, 0, 1), (1, 1, 1)], 24)).Message, StringComparison.Ordinal);
        Assert.Contains("2147483647 tokens", Refused(Step(3, 0, [(1, 0, int.MaxValue)], 12)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Is_refused_when_it_is_longer_than_allowed()
    {
        var body = FrameBytes.Body(FrameBytes.SampleStepFrame());
        var arrays = new StepFrameReader(FrameBytes.HiddenSize, WireType.F32, new FrameLimits { MaxArrayLength = 3 });
        Assert.Equal("frame_too_large", Assert.Throws<SwarmException>(() => arrays.Read(body, _trace)).Code);
        var binary = new StepFrameReader(FrameBytes.HiddenSize, WireType.F32, new FrameLimits { MaxBinaryBytes = 35 });
        Assert.Equal("frame_too_large", Assert.Throws<SwarmException>(() => binary.Read(body, _trace)).Code);
        Assert.Equal("invalid_frame", Refused(FrameBytes.Body(FrameBytes.SampleHelloFrame())).Code);
    }

    private SwarmException Refused(ReadOnlySequence<byte> body) => Assert.Throws<SwarmException>(() => _reader.Read(body, _trace));

    private static ReadOnlySequence<byte> Step(
        int hiddenSize, int operation, (long Sequence, int Position, int Tokens)[] segments, int bytes, int[]? trace = null, int answered = -1) =>
        FrameBytes.Body(FrameBytes.Of((ref writer) =>
        {
            foreach (var value in (int[])[(int)FrameKind.Step, 1, 1, answered, hiddenSize])
            {
                writer.Write(value);
            }

            writer.WriteNil();
            writer.WriteArrayHeader(trace?.Length ?? 0);
            foreach (var value in trace ?? [])
            {
                writer.Write(value);
            }

            writer.WriteArrayHeader(1);
            writer.WriteArrayHeader(StepFrame.OperationElements);
            foreach (var value in (int[])[operation, 1, 0, 0, 8])
            {
                writer.Write(value);
            }

            writer.WriteArrayHeader(segments.Length);
            foreach (var (sequence, position, tokens) in segments)
            {
                writer.WriteArrayHeader(StepFrame.SegmentElements);
                writer.Write(sequence);
                writer.Write(position);
                writer.Write(tokens);
            }

            writer.Write(new byte[bytes]);
        }));

    private static void AssertEqual(StepBatch expected, StepBatch found)
    {
        Assert.Equal((expected.Step, expected.Epoch, expected.HiddenSize), (found.Step, found.Epoch, found.HiddenSize));
        AssertSameWork(expected, found);
    }

    private static void AssertSameWork(StepBatch expected, StepBatch found)
    {
        Assert.Equal(expected.Operations.ToArray(), found.Operations.ToArray());
        Assert.Equal(expected.Segments.ToArray(), found.Segments.ToArray());
        Assert.Equal(MemoryMarshal.AsBytes(expected.Hidden.Span).ToArray(), MemoryMarshal.AsBytes(found.Hidden.Span).ToArray());
    }
}
