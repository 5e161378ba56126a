using System.Runtime.InteropServices;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Transport.Frames;

/// <summary>A step on its way from one stage to the next: a <see cref="StepBatch"/> as a frame.</summary>
/// <remarks>
/// <code>
/// int      kind = 1
/// int      step, 64 bits
/// int      epoch, 32 bits
/// int      floats per token
/// array    operations, each an array: int kind (SequenceOperationKind), int sequence, int position, int source, int capacity
/// array    segments, each an array: int sequence, int first position, int tokens
/// bin      hidden states (tokens, floats per token), f32 little endian, bits as they are in memory
/// </code>
/// The counts of tokens in the segments and the length of the hidden states say the same and must agree.
/// </remarks>
internal static class StepFrame
{
    internal const int OperationElements = 5;
    internal const int SegmentElements = 3;

    /// <summary>Writes a step. Its bytes are copied: the batch stays the caller's, who may fill it again at once.</summary>
    /// <exception cref="SwarmException"><c>frame_too_large</c></exception>
    public static void Write(FrameWriter frames, StepBatch batch)
    {
        var writer = frames.Begin();
        writer.Write((int)FrameKind.Step);
        writer.Write(batch.Step);
        writer.Write(batch.Epoch);
        writer.Write(batch.HiddenSize);
        writer.WriteArrayHeader(batch.Operations.Length);
        foreach (var operation in batch.Operations)
        {
            writer.WriteArrayHeader(OperationElements);
            writer.Write((int)operation.Kind);
            writer.Write(operation.Sequence);
            writer.Write(operation.Position);
            writer.Write(operation.Source);
            writer.Write(operation.Capacity);
        }

        writer.WriteArrayHeader(batch.Segments.Length);
        foreach (var segment in batch.Segments)
        {
            writer.WriteArrayHeader(SegmentElements);
            writer.Write(segment.Sequence);
            writer.Write(segment.FirstPosition);
            writer.Write(segment.TokenCount);
        }

        frames.End(ref writer, MemoryMarshal.AsBytes(batch.Hidden.Span));
    }
}
