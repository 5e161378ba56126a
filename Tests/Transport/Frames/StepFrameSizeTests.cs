using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Frames;

namespace ManagedSwarm.Tests.Transport.Frames;

/// <summary>What a step of one token has beside its hidden states.</summary>
public sealed class StepFrameSizeTests
{
    /// <summary>All that may go over the wire for one token beside its floats, each hop.</summary>
    private const int MaxOverhead = 128;

    private const int YamuxHeader = 12;
    private const int NoiseMessage = 2 + 16;

    [Theory]
    [InlineData(2_048)]
    [InlineData(4_096)]
    [InlineData(8_192)]
    public void A_reply_of_any_length_stays_below_the_limit_behind_each_of_six_stages(int hiddenSize)
    {
        using var batch = new StepBatch(1L << 31, 0, [], [new Segment(1L << 31, 131_000, 1)], hiddenSize);
        for (var hops = 0; hops < 6; hops++)
        {
            HopTime[] trace = [.. Enumerable.Range(0, hops).Select(_ => new HopTime(200, 60_000))];
            var frame = FrameBytes.Written(frames => new StepFrameWriter(frames, WireType.F32).Write(batch, 3, batch.Step - 1, trace));

            // What is longer than 32 KiB goes in several of the multiplexer's frames.
            var messages = 1 + ((frame.Length - 1) / (32 << 10));
            Assert.InRange(frame.Length + (messages * (YamuxHeader + NoiseMessage)), 0, (hiddenSize * sizeof(float)) + MaxOverhead);
        }
    }
}
