using System.Buffers;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Stages.Control;

namespace ManagedSwarm.Transport.Stages.Links;

/// <summary>Whom a stream of steps is for: the first frame behind the greetings, from the side that opened it.</summary>
/// <remarks>
/// <code>
/// attach     int kind = 3, bin plan id, int epoch, int stage; the number of stages stands for the head
/// attached   int kind = 4, string code, empty: it is accepted; string text
/// </code>
/// </remarks>
/// <param name="Plan">Which plan.</param>
/// <param name="Epoch">Its epoch, as the sender knows it.</param>
/// <param name="Stage">The stage at the other end.</param>
internal sealed record Attachment(PlanId Plan, int Epoch, int Stage)
{
    /// <summary>For both frames.</summary>
    public static FrameLimits Limits { get; } = new()
    {
        MaxFrameBytes = 4 << 10,
        MaxBinaryBytes = PlanId.Bytes,
        MaxStringBytes = ControlLimits.MaxTextBytes,
        MaxArrayLength = 0,
    };

    public void Write(FrameWriter frames)
    {
        var writer = frames.Begin();
        writer.Write((int)FrameKind.Attach);
        OfferCodec.WritePlan(ref writer, Plan);
        writer.Write(Epoch);
        writer.Write(Stage);
        frames.End(ref writer);
    }

    /// <exception cref="SwarmException"><c>invalid_frame</c>, <c>frame_too_large</c></exception>
    public static Attachment Read(in ReadOnlySequence<byte> frame)
    {
        var decoder = new FrameDecoder(frame, Limits);
        decoder.RequireKind(FrameKind.Attach);
        var attachment = new Attachment(OfferCodec.ReadPlan(ref decoder), decoder.ReadInt32("epoch"), decoder.ReadInt32("stage"));
        decoder.RequireEnd();
        return attachment;
    }

    /// <param name="frames">Where it goes.</param>
    /// <param name="refusal">Null: it is accepted.</param>
    public static void WriteAnswer(FrameWriter frames, StageFault? refusal)
    {
        var writer = frames.Begin();
        writer.Write((int)FrameKind.Attached);
        writer.Write(ShownText.Fit(refusal?.Code ?? "", ControlLimits.MaxCodeBytes));
        writer.Write(ShownText.Fit(refusal?.Text ?? "", ControlLimits.MaxTextBytes));
        frames.End(ref writer);
    }

    /// <returns>Why it is refused; null: it is accepted.</returns>
    /// <exception cref="SwarmException"><c>invalid_frame</c>, <c>frame_too_large</c></exception>
    public static StageFault? ReadAnswer(in ReadOnlySequence<byte> frame)
    {
        var decoder = new FrameDecoder(frame, Limits);
        decoder.RequireKind(FrameKind.Attached);
        var code = ShownText.Fit(decoder.ReadString("code"), ControlLimits.MaxCodeBytes);
        var text = ShownText.Fit(decoder.ReadString("text"), ControlLimits.MaxTextBytes);
        decoder.RequireEnd();
        return code.Length == 0 ? null : new StageFault(code, text);
    }
}
