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
/// <param name="wire">What hidden states are sent as.</param>
/// <param name="limits">What a frame may ask for.</param>
internal sealed class StepFrameReader(int hiddenSize, WireType wire, FrameLimits limits)
{
    private readonly HiddenStatesReader _states = new(hiddenSize, wire);
    private readonly List<SequenceOperation> _operations = [];
    private readonly List<Segment> _segments = [];

    /// <summary>Why the step that was read last is not to be computed; null: it is.</summary>
    public StepFailure? Failure { get; private set; }

    /// <summary>The last step that the head has an answer for, as the step that was read last says; -1: none.</summary>
    public long Answered { get; private set; } = StepFrame.NoneAnswered;

    /// <summary>Whether the step that was read last gives a fresh stage what a lost one knew.</summary>
    public bool IsReplay { get; private set; }

    /// <summary>Reads a step, or a replay.</summary>
    /// <param name="frame">Without its prefix.</param>
    /// <param name="trace">Is filled with what it took so far.</param>
    /// <param name="reuse">
    /// A batch that is filled again and returned, instead of a new one. On an error it stays the caller's, and there is nothing to do with
    /// it but to dispose it.
    /// </param>
    /// <returns>The step, its hidden states copied, once, into its own buffer; the caller's from then on.</returns>
    /// <exception cref="SwarmException"><c>invalid_frame</c>, <c>frame_too_large</c></exception>
    public StepBatch Read(in ReadOnlySequence<byte> frame, List<HopTime> trace, StepBatch? reuse = null)
    {
        var decoder = new FrameDecoder(frame, limits);
        IsReplay = decoder.ReadKind(FrameKind.Step, FrameKind.Replay) == FrameKind.Replay;
        var step = decoder.ReadInt64("step");
        var epoch = decoder.ReadInt32("epoch");
        Answered = ReadAnswered(ref decoder);
        RequireHiddenSize(decoder.ReadInt32("floats per token"));
        Failure = ReadFailure(ref decoder);
        StepFrame.ReadTrace(ref decoder, trace);
        ReadOperations(ref decoder);
        ReadSegments(ref decoder);
        var hidden = decoder.ReadBinary("hidden states");
        decoder.RequireEnd();
        RequireHidden(hidden.Length);
        var batch = Fill(step, epoch, reuse);
        _states.CopyTo(batch, hidden);
        return batch;
    }

    private static long ReadAnswered(ref FrameDecoder decoder)
    {
        var found = decoder.ReadInt64("the last step that was answered");
        return found >= StepFrame.NoneAnswered
            ? found
            : throw FrameErrors.Invalid($"the last step that was answered is {found}; allowed are {StepFrame.NoneAnswered} for none, and more");
    }

    private StepFailure? ReadFailure(ref FrameDecoder decoder)
    {
        var found = StepFrame.ReadFailure(ref decoder);
        return found is null || !IsReplay ? found : throw FrameErrors.Invalid($"a replay has failed ({found.Code}); only steps do");
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

        if (Failure is not null && tokens > 0)
        {
            throw FrameErrors.Invalid($"a step that is not to be computed has {tokens} tokens; expected are none");
        }

        _states.RequireLength(found, tokens);
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
