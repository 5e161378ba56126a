using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Frames;

namespace ManagedSwarm.Tests.Transport.Frames;

/// <summary>What the wire types do to hidden states: nothing, or no more than they say.</summary>
public sealed class HiddenStatesTests
{
    [Theory]
    [InlineData(WireType.F32, 4_096, 16_384)]
    [InlineData(WireType.F16, 4_096, 8_192)]
    [InlineData(WireType.Q8, 4_096, 4_608)]
    [InlineData(WireType.Q8, 33, 41)]
    [InlineData(WireType.Q8, 1, 5)]
    public void A_token_takes_so_many_bytes(WireType wire, int hiddenSize, long bytes) =>
        Assert.Equal(bytes, HiddenStates.BytesPerToken(wire, hiddenSize));

    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(64)]
    [InlineData(300)]
    public void Halves_are_rounded_to_nearest(int hiddenSize)
    {
        var states = Random(hiddenSize, 3, 1_000);
        var decoded = RoundTrip(WireType.F16, states, hiddenSize);
        for (var i = 0; i < states.Length; i++)
        {
            Assert.Equal((float)(Half)states[i], decoded[i]);
        }
    }

    [Fact]
    public void Halves_end_at_their_largest()
    {
        float[] states = [1e6f, -1e6f, float.PositiveInfinity, float.NegativeInfinity, 65519, -0f, 1e-9f];
        Assert.Equal([65504, -65504, 65504, -65504, 65504, -0f, 0], RoundTrip(WireType.F16, states, states.Length));
        Assert.True(float.IsNaN(RoundTrip(WireType.F16, [float.NaN], 1)[0]));
        float[] broken = [.. Enumerable.Repeat(1f, 40)];
        broken[3] = float.NaN;
        Assert.True(float.IsNaN(RoundTrip(WireType.F16, broken, 40)[3]));
    }

    [Theory]
    [InlineData(1, 1f)]
    [InlineData(32, 1e-3f)]
    [InlineData(300, 1e4f)]
    [InlineData(4_096, 50f)]
    public void Blocks_of_eight_bits_keep_to_their_error(int hiddenSize, float scale)
    {
        var states = Random(hiddenSize, 4, scale);
        var decoded = RoundTrip(WireType.Q8, states, hiddenSize);
        foreach (var token in Enumerable.Range(0, 4))
        {
            for (var first = 0; first < hiddenSize; first += HiddenStates.BlockLength)
            {
                var place = (token * hiddenSize) + first;
                var block = states.AsSpan(place, Math.Min(HiddenStates.BlockLength, hiddenSize - first));
                var most = block.ToArray().Max(MathF.Abs) / 254 * 1.0001f;
                for (var i = 0; i < block.Length; i++)
                {
                    Assert.InRange(MathF.Abs(block[i] - decoded[place + i]), 0, most);
                }
            }
        }
    }

    [Fact]
    public void A_broken_block_stays_visible_and_alone()
    {
        float[] states = [.. Enumerable.Repeat(1f, 96)];
        (states[5], states[40]) = (float.NaN, float.NegativeInfinity);
        var decoded = RoundTrip(WireType.Q8, states, 96);
        Assert.All(decoded[..64], value => Assert.True(float.IsNaN(value)));
        Assert.All(decoded[64..], value => Assert.Equal(1f, value));
    }

    [Fact]
    public void Zeros_and_almost_zeros_are_zeros()
    {
        float[] states = [.. Enumerable.Repeat(0f, 32), .. Enumerable.Repeat(float.Epsilon, 32), .. Enumerable.Repeat(1e-31f, 32)];
        Assert.All(RoundTrip(WireType.Q8, states, 96), value => Assert.Equal(0, value));
    }

    [Fact]
    public void Any_bits_can_be_decoded()
    {
        var random = new Random(3);
        foreach (var wire in Enum.GetValues<WireType>())
        {
            var bytes = new byte[HiddenStates.BytesPerToken(wire, 77) * 2];
            for (var i = 0; i < 1_000; i++)
            {
                random.NextBytes(bytes);
                var states = new float[154];
                HiddenStates.Decode(wire, bytes, 77, states);
            }
        }
    }

    [Theory]
    [InlineData(WireType.F16)]
    [InlineData(WireType.Q8)]
    public void Travel_in_the_frames_of_steps_and_results(WireType wire)
    {
        const int HiddenSize = 50;
        using var sent = new StepBatch(7, 1, [], [new Segment(1, 0, 3)], HiddenSize);
        Random(HiddenSize, 3, 2).CopyTo(sent.Hidden);
        var expected = RoundTrip(wire, sent.Hidden.ToArray(), HiddenSize);
        var frame = FrameBytes.Written(frames => new StepFrameWriter(frames, wire).Write(sent, 1, -1, []));
        var reader = new StepFrameReader(HiddenSize, wire, FrameLimits.Default);
        using var received = reader.Read(FrameBytes.Crumbs(frame.AsMemory(FramePrefix.Size)), []);
        Assert.Equal(expected, received.Hidden.ToArray());

        var result = FrameBytes.Written(frames => new StepFrameWriter(frames, wire).WriteResult(sent, 1, null, []));
        var results = new ResultFrameReader(HiddenSize, wire, FrameLimits.Default);
        results.Read(FrameBytes.Body(result));
        results.CopyTo(received);
        Assert.Equal(expected, received.Hidden.ToArray());
    }

    private static float[] RoundTrip(WireType wire, float[] states, int hiddenSize)
    {
        var bytes = new byte[HiddenStates.BytesPerToken(wire, hiddenSize) * (states.Length / hiddenSize)];
        HiddenStates.Encode(wire, states, hiddenSize, bytes);
        var decoded = new float[states.Length];
        HiddenStates.Decode(wire, bytes, hiddenSize, decoded);
        return decoded;
    }

    private static float[] Random(int hiddenSize, int tokens, float scale)
    {
        var random = new Random(hiddenSize);
        return [.. Enumerable.Range(0, hiddenSize * tokens).Select(_ => (float)((random.NextDouble() - 0.5) * scale))];
    }
}
