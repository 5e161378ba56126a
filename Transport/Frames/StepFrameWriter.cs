using System.Runtime.InteropServices;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Stages.Logs;
using MessagePack;

namespace ManagedSwarm.Transport.Frames;

/// <summary>
/// Writes the steps that go over one stream; the layouts are <see cref="StepFrame"/>'s and <see cref="ResultFrameReader"/>'s. The bytes of
/// hidden states are taken straight from the batch, which stays the caller's. Not for several threads at once.
/// </summary>
/// <param name="frames">Where they go.</param>
/// <param name="wire">What hidden states are sent as.</param>
internal sealed class StepFrameWriter(FrameWriter frames, WireType wire)
{
    private byte[] _encoded = [];

    /// <summary>Writes a step for the next stage.</summary>
    /// <param name="batch">The step.</param>
    /// <param name="epoch">The plan's.</param>
    /// <param name="answered">The last step that the head has an answer for; -1: none.</param>
    /// <param name="trace">Of the stages so far.</param>
    /// <exception cref="SwarmException"><c>frame_too_large</c></exception>
    public void Write(StepBatch batch, int epoch, long answered, ReadOnlySpan<HopTime> trace)
    {
        var writer = Begin(FrameKind.Step, batch.Step, epoch, answered, batch.HiddenSize);
        End(ref writer, failure: null, trace, batch.Operations, batch.Segments, Encode(batch));
    }

    /// <summary>Writes a step that is not to be computed: its operations go on, its segments do not.</summary>
    /// <param name="batch">The step; may be disposed.</param>
    /// <param name="epoch">The plan's.</param>
    /// <param name="answered">The last step that the head has an answer for; -1: none.</param>
    /// <param name="failure">Why.</param>
    /// <param name="trace">Of the stages so far.</param>
    /// <exception cref="SwarmException"><c>frame_too_large</c></exception>
    public void WriteFailed(StepBatch batch, int epoch, long answered, StepFailure failure, ReadOnlySpan<HopTime> trace)
    {
        var writer = Begin(FrameKind.Step, batch.Step, epoch, answered, batch.HiddenSize);
        End(ref writer, failure, trace, batch.Operations, [], []);
    }

    /// <summary>Writes a step as it was sent before.</summary>
    /// <param name="step">Computed, or not.</param>
    /// <param name="epoch">The plan's.</param>
    /// <param name="answered">The last step that the head has an answer for; -1: none.</param>
    /// <exception cref="SwarmException"><c>frame_too_large</c></exception>
    public void WriteLogged(LoggedStep step, int epoch, long answered)
    {
        var writer = Begin(FrameKind.Step, step.Number, epoch, answered, step.HiddenSize);
        End(ref writer, step.Failure, step.Trace, step.Operations, step.Segments, step.Hidden.Span);
    }

    /// <summary>Writes what a fresh stage has to compute, so that it knows the sequences of a lost one.</summary>
    /// <param name="step">A part of it.</param>
    /// <param name="epoch">The plan's.</param>
    /// <exception cref="SwarmException"><c>frame_too_large</c></exception>
    public void WriteReplay(ReplayStep step, int epoch)
    {
        var writer = Begin(FrameKind.Replay, step: 0, epoch, StepFrame.NoneAnswered, step.HiddenSize);
        End(ref writer, failure: null, [], step.Operations.Span, step.Segments.Span, step.Hidden.Span);
    }

    /// <summary>Writes what a fresh stage has computed of such a step, for the next one, which is fresh, too.</summary>
    /// <param name="batch">Its operations and segments, and what became of its hidden states.</param>
    /// <param name="epoch">The plan's.</param>
    /// <exception cref="SwarmException"><c>frame_too_large</c></exception>
    public void WriteReplay(StepBatch batch, int epoch)
    {
        var writer = Begin(FrameKind.Replay, step: 0, epoch, StepFrame.NoneAnswered, batch.HiddenSize);
        End(ref writer, failure: null, [], batch.Operations, batch.Segments, Encode(batch));
    }

    /// <summary>Writes what the last stage sends to the head.</summary>
    /// <param name="batch">The step; may be disposed where it has failed.</param>
    /// <param name="epoch">The plan's.</param>
    /// <param name="failure">Null: it was computed.</param>
    /// <param name="trace">Of all stages.</param>
    /// <exception cref="SwarmException"><c>frame_too_large</c></exception>
    public void WriteResult(StepBatch batch, int epoch, StepFailure? failure, ReadOnlySpan<HopTime> trace) =>
        WriteResult(batch.Step, epoch, failure, trace, failure is null ? Encode(batch) : []);

    /// <summary>Writes what the last stage has sent to the head before.</summary>
    /// <param name="step">Computed, or not.</param>
    /// <param name="epoch">The plan's.</param>
    /// <exception cref="SwarmException"><c>frame_too_large</c></exception>
    public void WriteLoggedResult(LoggedStep step, int epoch) =>
        WriteResult(step.Number, epoch, step.Failure, step.Trace, step.Hidden.Span);

    private void WriteResult(long step, int epoch, StepFailure? failure, ReadOnlySpan<HopTime> trace, ReadOnlySpan<byte> hidden)
    {
        var writer = frames.Begin();
        writer.Write((int)FrameKind.Result);
        writer.Write(step);
        writer.Write(epoch);
        StepFrame.WriteFailure(ref writer, failure);
        StepFrame.WriteTrace(ref writer, trace);
        frames.End(ref writer, hidden);
    }

    private MessagePackWriter Begin(FrameKind kind, long step, int epoch, long answered, int hiddenSize)
    {
        var writer = frames.Begin();
        writer.Write((int)kind);
        writer.Write(step);
        writer.Write(epoch);
        writer.Write(answered);
        writer.Write(hiddenSize);
        return writer;
    }

    private void End(
        ref MessagePackWriter writer,
        StepFailure? failure,
        scoped ReadOnlySpan<HopTime> trace,
        scoped ReadOnlySpan<SequenceOperation> operations,
        scoped ReadOnlySpan<Segment> segments,
        scoped ReadOnlySpan<byte> hidden)
    {
        StepFrame.WriteFailure(ref writer, failure);
        StepFrame.WriteTrace(ref writer, trace);
        writer.WriteArrayHeader(operations.Length);
        foreach (ref readonly var operation in operations)
        {
            writer.WriteArrayHeader(StepFrame.OperationElements);
            writer.Write((int)operation.Kind);
            writer.Write(operation.Sequence);
            writer.Write(operation.Position);
            writer.Write(operation.Source);
            writer.Write(operation.Capacity);
        }

        writer.WriteArrayHeader(segments.Length);
        foreach (ref readonly var segment in segments)
        {
            writer.WriteArrayHeader(StepFrame.SegmentElements);
            writer.Write(segment.Sequence);
            writer.Write(segment.FirstPosition);
            writer.Write(segment.TokenCount);
        }

        frames.End(ref writer, hidden);
    }

    private ReadOnlySpan<byte> Encode(StepBatch batch)
    {
        if (wire == WireType.F32)
        {
            return MemoryMarshal.AsBytes(batch.Hidden.Span);
        }

        var length = checked((int)(HiddenStates.BytesPerToken(wire, batch.HiddenSize) * batch.TokenCount));
        if (_encoded.Length < length)
        {
            _encoded = new byte[length];
        }

        HiddenStates.Encode(wire, batch.Hidden.Span, batch.HiddenSize, _encoded.AsSpan(0, length));
        return _encoded.AsSpan(0, length);
    }
}
