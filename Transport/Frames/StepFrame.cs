using ManagedSwarm.Engine.Stages;
using MessagePack;

namespace ManagedSwarm.Transport.Frames;

/// <summary>A step on its way from one stage to the next: a <see cref="StepBatch"/> as a frame.</summary>
/// <remarks>
/// <code>
/// int      kind = 1; or 5, a replay: computed so that a fresh stage knows the sequences of a lost one, and answered by nobody
/// int      step, 64 bits; of a replay 0
/// int      epoch, 32 bits
/// int      answered, 64 bits: the last step that the head has an answer for; -1: none
/// int      floats per token
/// nil      compute it; or an array, why not (StepFailure): int stage, string code, string text; not in a replay
/// array    trace, of ints: for each stage so far microseconds of waiting, of computing
/// array    operations, each an array: int kind (SequenceOperationKind), int sequence, int position, int source, int capacity
/// array    segments, each an array: int sequence, int first position, int tokens; none where it is not to be computed
/// bin      hidden states (tokens, floats per token), as the plan's wire type says (HiddenStates)
/// </code>
/// The counts of tokens in the segments and the length of the hidden states say the same and must agree.
/// </remarks>
internal static class StepFrame
{
    internal const int OperationElements = 5;
    internal const int SegmentElements = 3;
    internal const int FailureElements = 3;

    /// <summary>Where the head has no answer yet.</summary>
    internal const long NoneAnswered = -1;

    public static void WriteFailure(ref MessagePackWriter writer, StepFailure? failure)
    {
        if (failure?.Fit() is not { } fitting)
        {
            writer.WriteNil();
            return;
        }

        writer.WriteArrayHeader(FailureElements);
        writer.Write(fitting.Stage);
        writer.Write(fitting.Code);
        writer.Write(fitting.Text);
    }

    public static StepFailure? ReadFailure(ref FrameDecoder decoder)
    {
        if (decoder.TryReadNil())
        {
            return null;
        }

        decoder.RequireArrayLength("a failure", FailureElements);
        return new StepFailure(decoder.ReadInt32("a failure's stage"), decoder.ReadString("its code"), decoder.ReadString("its text")).Fit();
    }

    public static void WriteTrace(ref MessagePackWriter writer, scoped ReadOnlySpan<HopTime> trace)
    {
        writer.WriteArrayHeader(2 * trace.Length);
        foreach (var hop in trace)
        {
            writer.Write(hop.Wait);
            writer.Write(hop.Compute);
        }
    }

    public static void ReadTrace(ref FrameDecoder decoder, List<HopTime> trace)
    {
        trace.Clear();
        var length = decoder.ReadArrayLength("trace");
        if (length % 2 != 0 || length > 2 * HopTime.MaxHops)
        {
            throw FrameErrors.Invalid($"the trace has {length} elements; expected are two for each of at most {HopTime.MaxHops} stages");
        }

        for (; length > 0; length -= 2)
        {
            trace.Add(new HopTime(ReadMicroseconds(ref decoder), ReadMicroseconds(ref decoder)));
        }
    }

    private static int ReadMicroseconds(ref FrameDecoder decoder)
    {
        var found = decoder.ReadInt32("microseconds");
        return found >= 0 ? found : throw FrameErrors.Invalid($"a stage took {found} microseconds");
    }
}
