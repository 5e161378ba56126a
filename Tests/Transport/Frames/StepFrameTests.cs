using System.Buffers;
using System.Runtime.InteropServices;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Frames;

namespace ManagedSwarm.Tests.Transport.Frames;

/// <summary>A step arrives bit for bit as it left, or not at all.</summary>
public sealed class StepFrameTests
{
    private readonly StepFrameReader _reader = new(FrameBytes.HiddenSize, FrameLimits.Default);

    [Fact]
    public void Comes_back_bit_for_bit_however_its_bytes_are_split()
    {
        using var sent = FrameBytes.SampleStep();
        var body = FrameBytes.SampleStepFrame().AsMemory(FramePrefix.Size);
        for (var at = 0; at <= body.Length; at++)
        {
            using var received = _reader.Read(FrameBytes.Split(body, at));
            AssertEqual(sent, received);
        }

        using var crumbs = _reader.Read(FrameBytes.Crumbs(body));
        AssertEqual(sent, crumbs);
    }

    [Fact]
    public void Fills_a_batch_that_is_given_to_it()
    {
        using var sent = FrameBytes.SampleStep();
        using var reuse = new StepBatch(0, 0, [], [new Segment(9, 9, 9)], FrameBytes.HiddenSize);
        Assert.Same(reuse, _reader.Read(FrameBytes.Body(FrameBytes.SampleStepFrame()), reuse));
        AssertEqual(sent, reuse);
    }

    [Fact]
    public void Carries_operations_alone()
    {
        using var sent = new StepBatch(1, 2, [SequenceOperation.Close(3)], [], FrameBytes.HiddenSize);
        using var received = _reader.Read(FrameBytes.Body(FrameBytes.Written(frames => StepFrame.Write(frames, sent))));
        AssertEqual(sent, received);
    }

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
        var arrays = new StepFrameReader(FrameBytes.HiddenSize, new FrameLimits { MaxArrayLength = 3 });
        Assert.Equal("frame_too_large", Assert.Throws<SwarmException>(() => arrays.Read(body)).Code);
        var binary = new StepFrameReader(FrameBytes.HiddenSize, new FrameLimits { MaxBinaryBytes = 35 });
        Assert.Equal("frame_too_large", Assert.Throws<SwarmException>(() => binary.Read(body)).Code);
        Assert.Equal("invalid_frame", Refused(FrameBytes.Body(FrameBytes.SampleHelloFrame())).Code);
    }

    private SwarmException Refused(ReadOnlySequence<byte> body) => Assert.Throws<SwarmException>(() => _reader.Read(body));

    private static ReadOnlySequence<byte> Step(int hiddenSize, int operation, (long Sequence, int Position, int Tokens)[] segments, int bytes) =>
        FrameBytes.Body(FrameBytes.Of((ref writer) =>
        {
            foreach (var value in (int[])[(int)FrameKind.Step, 1, 1, hiddenSize])
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
        Assert.Equal(expected.Operations.ToArray(), found.Operations.ToArray());
        Assert.Equal(expected.Segments.ToArray(), found.Segments.ToArray());
        Assert.Equal(MemoryMarshal.AsBytes(expected.Hidden.Span).ToArray(), MemoryMarshal.AsBytes(found.Hidden.Span).ToArray());
    }
}
