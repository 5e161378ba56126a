using System.Buffers;
using ManagedSwarm.Tests.Transport.Frames;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Stages;
using ManagedSwarm.Transport.Stages.Control;
using ManagedSwarm.Transport.Stages.Links;

namespace ManagedSwarm.Tests.Transport.Stages.Control;

/// <summary>Damaged messages: each is read or refused, and costs little memory.</summary>
public sealed class ControlFuzzTests
{
    [Fact]
    public void A_damaged_offer_is_read_or_refused()
    {
        var original = ControlCodecTests.Body(ControlCodecTests.Samples[0]).ToArray();
        Fuzz.Run(1, mutation =>
        {
            var read = ControlCodec.Read(new(mutation.Of(original)), ControlLimits.Offer);
            if (read is ControlMessage.Offer { Stage: var offer })
            {
                OfferRules.Check(offer);
            }

            return true;
        });
    }

    [Fact]
    public void A_damaged_message_is_read_or_refused()
    {
        byte[][] originals = [.. ControlCodecTests.Samples.Skip(1).Select(message => ControlCodecTests.Body(message).ToArray())];
        Fuzz.Run(2, mutation =>
        {
            ControlCodec.Read(new(mutation.Of(mutation.Pick(originals))), ControlLimits.Small);
            return true;
        });
    }

    [Fact]
    public void A_damaged_attachment_is_read_or_refused()
    {
        var attach = FrameBytes.Written(new Attachment(new PlanId(7), 3, 2).Write);
        var answer = FrameBytes.Written(frames => Attachment.WriteAnswer(frames, new StageFault("unknown_plan", "there is none")));
        Fuzz.Run(3, mutation =>
        {
            var bytes = mutation.Of(mutation.Pick<byte[]>([attach, answer]));
            var sequence = new ReadOnlySequence<byte>(bytes);
            if (!FramePrefix.TryTake(ref sequence, Attachment.Limits.MaxFrameBytes, out var frame))
            {
                return false;
            }

            if (FrameDecoder.KindOf(frame) == FrameKind.Attach)
            {
                Attachment.Read(frame);
            }
            else
            {
                Attachment.ReadAnswer(frame);
            }

            return true;
        });
    }
}
