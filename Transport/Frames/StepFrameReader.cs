using System.Buffers;
using System.Runtime.InteropServices;
using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Transport.Frames;

/// <summary>
/// Reads the steps that come over one stream; the layout is <see cref="StepFrame"/>'s. It keeps its lists from one step to the next, so
/// that a step allocates nothing. Not for several threads at once.
/// </summary>
/// <param name="hiddenSize">Floats per token of the model that the stream is about.</param>
/// <param name="limits">What a frame may ask for.</param>
internal sealed class StepFrameReader(int hiddenSize, FrameLimits limits)
{
    private readonly List<SequenceOperation> _operations = [];
    private readonly List<Segment> _segments = [];

    /// <summary>
    /// Reads a step. The hidden states are copied, once, into the batch's own buffer, which is the caller's from then on.
    /// </summary>
    /// <param name="frame">Without its prefix.</param>
    /// <param name="reuse">
    /// A batch that is filled again and returned, instead of a new one. On an error it stays the caller's, and there is nothing to do with
    /// it but to dispose it.
    /// </param>
    /// <exception cref="SwarmException"><c>invalid_frame</c>, <c>frame_too_large</c></exception>
    public StepBatch Read(in ReadOnlySequence<byte> frame, StepBatch? reuse = null)
    {
        var decoder = new FrameDecoder(frame, limits);
        decoder.RequireKind(FrameKind.Step);
        var step = decoder.ReadInt64("step");
        var epoch = decoder.ReadInt32("epoch");
        RequireHiddenSize(decoder.ReadInt32("floats per token"));
        ReadOperations(ref decoder);
        ReadSegments(ref decoder);
        var hidden = decoder.ReadBinary("hidden states");
        decoder.RequireEnd();
        RequireHidden(hidden.Length);
        var batch = Fill(step, epoch, reuse);
        hidden.CopyTo(MemoryMarshal.AsBytes(batch.Hidden.Span));
        return batch;
    }

    private void ReadOperations(ref FrameDecoder decoder)
    {
        _operations.Clear();
        for (var left = decoder.ReadArrayLength("operations"); left > 0; left--)
        {
            decoder.RequireArrayLength("an operation", StepFrame.OperationElements);
            _operations.Add(new(
                Kind(decoder.ReadInt32("an operation's kind")),
                decoder.ReadInt64("an operation's sequence"),
                decoder.ReadInt32("an operation's position"),
                decoder.ReadInt64("an operation's source"),
                decoder.ReadInt32("an operation's capacity")));
        }
    }

    private void ReadSegments(ref FrameDecoder decoder)
    {
        _segments.Clear();
        for (var left = decoder.ReadArrayLength("segments"); left > 0; left--)
        {
            decoder.RequireArrayLength("a segment", StepFrame.SegmentElements);
            _segments.Add(new(
                decoder.ReadInt64("a segment's sequence"),
                decoder.ReadInt32("a segment's first position"),
                decoder.ReadInt32("a segment's tokens")));
        }
    }

    private static SequenceOperationKind Kind(int found) => found is >= (int)SequenceOperationKind.Open and <= (int)SequenceOperationKind.Close
        ? (SequenceOperationKind)found
        : throw FrameErrors.Invalid($"an operation is of kind {found}; known are {(int)SequenceOperationKind.Open} to {(int)SequenceOperationKind.Close}");

    private void RequireHiddenSize(int found)
    {
        if (found != hiddenSize)
        {
            throw FrameErrors.Invalid($"a token has {found} floats; expected are {hiddenSize}");
        }
    }

    /// <summary>Before a buffer is made for that many tokens: they have to be in the frame.</summary>
    private void RequireHidden(long found)
    {
        var tokens = 0L;
        foreach (var segment in _segments)
        {
            if (segment.TokenCount < 1)
            {
                throw FrameErrors.Invalid($"{segment} has no tokens; expected is at least one");
            }

            tokens += segment.TokenCount;
        }

        // At most 2^45 tokens: neither product overflows below the check of the first.
        var most = found / sizeof(float) / Math.Max(1, hiddenSize);
        if (tokens > most || tokens * hiddenSize * sizeof(float) != found)
        {
            throw FrameErrors.Invalid($"the hidden states have {found} bytes; expected are {hiddenSize} floats for each of {tokens} tokens");
        }
    }

    private StepBatch Fill(long step, int epoch, StepBatch? reuse)
    {
        try
        {
            if (reuse is null)
            {
                return new StepBatch(step, epoch, _operations, _segments, hiddenSize);
            }

            reuse.RequireHiddenSize(hiddenSize);
            reuse.Reset(step, epoch, CollectionsMarshal.AsSpan(_operations), CollectionsMarshal.AsSpan(_segments));
            return reuse;
        }
        catch (EngineException exception)
        {
            throw FrameErrors.Invalid(exception.Message, exception);
        }
    }
}
