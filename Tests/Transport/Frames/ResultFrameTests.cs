using System.Buffers;
using System.Runtime.InteropServices;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Stages.Logs;

namespace ManagedSwarm.Tests.Transport.Frames;

/// <summary>A result fills the step that the head has kept, bit for bit, or says why there is none.</summary>
public sealed class ResultFrameTests
{
    private readonly ResultFrameReader _reader = new(FrameBytes.HiddenSize, WireType.F32, FrameLimits.Default);

    [Fact]
    public void Fills_the_kept_step_however_its_bytes_are_split()
    {
        using var sent = FrameBytes.SampleStep();
        using var kept = FrameBytes.SampleStep();
        var body = FrameBytes.SampleResultFrame().AsMemory(FramePrefix.Size);
        for (var at = 0; at <= body.Length; at++)
        {
            kept.Hidden.Span.Clear();
            _reader.Read(FrameBytes.Split(body, at));
            Assert.Equal((sent.Step, sent.Epoch, null), (_reader.Step, _reader.Epoch, _reader.Failure));
            Assert.Equal(FrameBytes.SampleTrace, _reader.Trace);
            _reader.CopyTo(kept);
            Assert.Equal(MemoryMarshal.AsBytes(sent.Hidden.Span), MemoryMarshal.AsBytes(kept.Hidden.Span));
        }
    }

    [Fact]
    public void Says_why_a_step_was_not_computed()
    {
        _reader.Read(FrameBytes.Body(FrameBytes.SampleResultFrame(FrameBytes.SampleFailure)));
        Assert.Equal(FrameBytes.SampleFailure, _reader.Failure);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Is_sent_again_as_it_was(bool hasFailed)
    {
        using var sent = FrameBytes.SampleStep();
        var failure = hasFailed ? FrameBytes.SampleFailure : null;
        var logged = new LoggedStep();
        logged.Fill(sent, failure, FrameBytes.SampleTrace, WireType.F32);
        Assert.Equal(FrameBytes.SampleResultFrame(failure), FrameBytes.Written(frames =>
            new StepFrameWriter(frames, WireType.F32).WriteLoggedResult(logged, sent.Epoch)));
    }

    [Fact]
    public void Is_refused_when_it_is_of_another_number_of_tokens()
    {
        using var other = new StepBatch(1L << 40, 70_000, [], [new Segment(1, 0, 2)], FrameBytes.HiddenSize);
        _reader.Read(FrameBytes.Body(FrameBytes.SampleResultFrame()));
        Assert.Equal("invalid_frame", Assert.Throws<SwarmException>(() => _reader.CopyTo(other)).Code);
    }

    [Fact]
    public void Is_refused_when_any_part_is_missing_or_added()
    {
        var body = FrameBytes.Body(FrameBytes.SampleResultFrame());
        for (var cut = 0; cut < body.Length; cut++)
        {
            Assert.Equal("invalid_frame", Refused(body.Slice(0, cut)).Code);
        }

        Assert.Equal("invalid_frame", Refused(new([.. body.ToArray(), 0])).Code);
        Assert.Equal("invalid_frame", Refused(FrameBytes.Body(FrameBytes.SampleStepFrame())).Code);
    }

    private SwarmException Refused(ReadOnlySequence<byte> body) => Assert.Throws<SwarmException>(() => _reader.Read(body));
}
